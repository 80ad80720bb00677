/** Runs tests one after the other and says how each went, in one line. */
export class Suite {
  passed = 0;
  failed = 0;
  skipped = 0;

  /** A text that the body returns is said beside the name: a figure, for instance. */
  async test(name: string, body: () => unknown): Promise<void> {
    const start = performance.now();
    try {
      const said = await body();
      this.passed += 1;
      console.log(
        `PASS ${name} (${((performance.now() - start) / 1000).toFixed(1)} s)${typeof said === "string" ? `: ${said}` : ""}`,
      );
    } catch (error) {
      this.failed += 1;
      const [first = "", ...rest] = (error instanceof Error ? error.message : String(error)).split("\n");
      console.log(`FAIL ${name}: ${first}`);
      if (rest.length > 0) console.log(rest.join("\n").replaceAll(/^/gm, "  "));
    }
  }

  skip(name: string, why: string): void {
    this.skipped += 1;
    console.log(`SKIPPED ${name}: ${why}`);
  }

  summary(): string {
    return `${this.passed} passed, ${this.failed} failed, ${this.skipped} skipped`;
  }
}
