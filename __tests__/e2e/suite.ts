/** Runs tests one after the other and says how each went, in one line. */
export class Suite {
  passed = 0;
  failed = 0;
  skipped = 0;

  async test(name: string, body: () => void | Promise<void>): Promise<void> {
    const start = performance.now();
    try {
      await body();
      this.passed += 1;
      console.log(`ok ${name} (${((performance.now() - start) / 1000).toFixed(1)} s)`);
    } catch (error) {
      this.failed += 1;
      console.log(`not ok ${name}`);
      console.log((error instanceof Error ? error.message : String(error)).replaceAll(/^/gm, "  "));
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
