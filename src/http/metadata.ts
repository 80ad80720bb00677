/** Addresses of cloud metadata services and of the local link: never a CI server, often a way to steal credentials. */

/** https://cloud.google.com/compute/docs/metadata/querying-metadata; any other name is known by what it resolves to. */
const names = /^metadata\.(?:google\.internal|goog)\.?$/i;

/** Link-local: https://www.rfc-editor.org/rfc/rfc3927, https://www.rfc-editor.org/rfc/rfc4291#section-2.5.6 */
const isLinkLocal4 = (high: number): boolean => high === 0xa9fe;
const isLinkLocal6 = (first: number): boolean => (first & 0xffc0) === 0xfe80;

/** In hexadecimal, without leading zeros. */
const services4: ReadonlySet<string> = new Set([
  // 100.100.100.200: https://www.alibabacloud.com/help/en/ecs/user-guide/view-instance-metadata
  "6464:64c8",
  // 168.63.129.16: https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
  "a83f:8110",
  // 192.0.0.192: Oracle Cloud Classic's.
  "c000:c0",
]);
const services6: ReadonlySet<string> = new Set([
  // https://cloud.google.com/compute/docs/metadata/querying-metadata
  "fd20:ce:0:0:0:0:0:254",
  // Scaleway's: cloud-init, sources/DataSourceScaleway.py
  "fd00:42:0:0:0:0:0:42",
]);
/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html and, in EKS, fd00:ec2::23 */
const ec2 = "fd00:ec2:";

/**
 * The agents of ECS and EKS, which hand a container its own credentials: the one thing that is asked of the local link.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
 */
const agents: readonly string[] = ["http://169.254.170.2", "http://169.254.170.23", "http://[fd00:ec2::23]"];

/** On port 80, and no other spelling of them: `URL` has undone those. */
export const isCredentialAgent = ({ origin }: URL): boolean => agents.includes(origin);

/** `host`: a name or an address, as `URL` spells hosts (it has undone decimal, octal and hexadecimal IPv4), with or without brackets. */
export function isMetadata(host: string): boolean {
  const v4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.?$/.exec(host.slice(0, 50));
  if (v4) {
    const [a = 0, b = 0, c = 0, d = 0] = v4.slice(1).map(Number);
    return isMetadata4(a * 256 + b, c * 256 + d);
  }
  if (!host.includes(":")) return names.test(host.slice(0, 300));
  const groups = groupsOf(host);
  return groups === undefined || isMetadata6(groups);
}

const isMetadata4 = (high: number, low: number): boolean =>
  isLinkLocal4(high) || services4.has(`${high.toString(16)}:${low.toString(16)}`);

function isMetadata6(groups: readonly number[]): boolean {
  const spelled = groups.map((group) => group.toString(16)).join(":");
  if (isLinkLocal6(groups[0]!) || services6.has(spelled) || spelled.startsWith(ec2)) return true;
  return embedded(groups).some(([high, low]) => isMetadata4(high, low));
}

/** The IPv4 addresses that an IPv6 address leads to, or may. */
function embedded(groups: readonly number[]): (readonly [number, number])[] {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = groups;
  const found: (readonly [number, number])[] = [];
  const startsWithZeros = a === 0 && b === 0 && c === 0 && d === 0;
  // Mapped, compatible, and translated: https://www.rfc-editor.org/rfc/rfc4291#section-2.5.5 https://www.rfc-editor.org/rfc/rfc2765
  if (startsWithZeros && (e === 0 || e === 0xffff) && (f === 0 || f === 0xffff)) found.push([g, h]);
  // NAT64, with the well-known prefix and with that for local use: https://www.rfc-editor.org/rfc/rfc6052 https://www.rfc-editor.org/rfc/rfc8215
  if (a === 0x64 && b === 0xff9b && (c === 1 || (c === 0 && d === 0 && e === 0 && f === 0))) found.push([g, h]);
  // 6to4: https://www.rfc-editor.org/rfc/rfc3056
  if (a === 0x2002) found.push([b, c]);
  // Teredo, inverted: https://www.rfc-editor.org/rfc/rfc4380#section-4
  if (a === 0x2001 && b === 0) found.push([g ^ 0xffff, h ^ 0xffff]);
  // ISATAP: https://www.rfc-editor.org/rfc/rfc5214#section-6.1
  if ((e & 0xfdff) === 0 && f === 0x5efe) found.push([g, h]);
  return found;
}

/** The eight numbers of an IPv6 address; undefined if it is none. */
function groupsOf(host: string): number[] | undefined {
  const bare = host.replace(/^\[|\]$/g, "").split("%", 1)[0]!;
  // A resolver may spell the last ones as IPv4.
  if (!URL.canParse(`http://[${bare}]`)) return undefined;
  const { hostname } = new URL(`http://[${bare}]`);
  const [left = [], right = []] = hostname
    .slice(1, -1)
    .split("::")
    .map((half) => half.split(":").flatMap((group) => (group === "" ? [] : parseInt(group, 16))));
  return [...left, ...Array<number>(8 - left.length - right.length).fill(0), ...right];
}
