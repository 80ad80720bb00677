/** What is in the bundle, as CycloneDX: https://cyclonedx.org/docs/1.6/json/ */

interface Locked {
  readonly version: string;
  readonly license?: string;
  readonly integrity?: string;
}

/** `licenses` is what ncc says of the packages that it has put in: for each its name, its license and that one's text. */
export function billOfMaterials(manifest: string, lock: string, licenses: string): string {
  const { name, version, description, license } = JSON.parse(manifest) as Record<string, string>;
  const { packages } = JSON.parse(lock) as { packages: Readonly<Record<string, Locked>> };
  const names = [...licenses.matchAll(/^((?:@[a-z0-9-]+\/)?[a-z0-9.-]+)\n[A-Z][\w.-]*\n/gm)].map(([, one]) => one!);
  const components = names.toSorted().map((one) => {
    const locked = packages[`node_modules/${one}`];
    if (locked === undefined) throw new Error(`${one} is in the bundle, and not in package-lock.json`);
    const [algorithm, hash = ""] = locked.integrity?.split("-") ?? [];
    return {
      type: "library",
      "bom-ref": purl(one, locked.version),
      name: one,
      version: locked.version,
      ...(algorithm === "sha512" && {
        hashes: [{ alg: "SHA-512", content: Buffer.from(hash, "base64").toString("hex") }],
      }),
      ...(locked.license !== undefined && { licenses: [{ license: { id: locked.license } }] }),
      purl: purl(one, locked.version),
    };
  });
  const own = purl(name!, version!);
  const bill = {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      component: {
        ...{ type: "application", "bom-ref": own, name, version, description },
        licenses: [{ license: { id: license } }],
        purl: own,
      },
    },
    components,
    dependencies: [{ ref: own, dependsOn: components.map((component) => component.purl) }],
  };
  return `${JSON.stringify(bill, null, 2)}\n`;
}

/** https://github.com/package-url/purl-spec */
const purl = (name: string, version: string): string => `pkg:npm/${name.replace("@", "%40")}@${version}`;
