/** Where a container's credentials are, by what AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or …_FULL_URI holds: botocore 1.44.8, utils.py. */

/** What a relative address is below. */
const service = "http://169.254.170.2";

/** Plain http is for the host itself, and for the agents of ECS, and of EKS with IPv4 and IPv6, which have no port of their own. */
const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;
const agent = /^(?:169\.254\.170\.(?:2|23)|\[fd00:ec2::23\])$/;

/** Undefined if the credential must not be asked for there. */
export function containerAddress(address: string): URL | undefined {
  const whole = address.startsWith("/") ? `${service}${address}` : address;
  if (!URL.canParse(whole)) return undefined;
  const url = new URL(whole);
  if (url.username || url.password) return undefined;
  if (url.protocol === "https:") return url;
  return url.protocol === "http:" && (loopback.test(url.hostname) || agent.test(url.host)) ? url : undefined;
}
