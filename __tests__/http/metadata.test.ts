import { expect, test } from "@jest/globals";
import { isMetadata } from "../../src/http/metadata.ts";

const hostOf = (host: string): string => new URL(`http://${host}`).hostname;

test.each([
  ["link-local", "169.254.169.254"],
  ["link-local, of a container", "169.254.170.2"],
  ["in decimal", "2852039166"],
  ["in hexadecimal", "0xa9fea9fe"],
  ["in octal", "0251.0376.0251.0376"],
  ["in three parts", "169.254.43518"],
  ["with a dot behind it", "169.254.169.254."],
  ["of Alibaba", "100.100.100.200"],
  ["of Azure", "168.63.129.16"],
  ["of Azure, in decimal", "2822734096"],
  ["of Oracle", "192.0.0.192"],
  ["of AWS, in IPv6", "[fd00:ec2::254]"],
  ["of EKS, in IPv6", "[fd00:ec2::23]"],
  ["of Google, in IPv6", "[fd20:ce::254]"],
  ["of Google, in IPv6, spelled out", "[fd20:00ce:0:0:0:0:0:0254]"],
  ["of Scaleway, in IPv6", "[fd00:42::42]"],
  ["link-local, in IPv6", "[fe80::1]"],
  ["link-local, in IPv6, at its end", "[febf::1]"],
  ["IPv4-mapped", "[::ffff:169.254.169.254]"],
  ["IPv4-mapped, of Azure", "[::ffff:a83f:8110]"],
  ["IPv4-compatible", "[::a9fe:a9fe]"],
  ["IPv4-translated", "[::ffff:0:a9fe:a9fe]"],
  ["NAT64", "[64:ff9b::a9fe:a9fe]"],
  ["NAT64, of Alibaba", "[64:ff9b::100.100.100.200]"],
  ["NAT64 for local use", "[64:ff9b:1::a9fe:a9fe]"],
  ["NAT64 for local use, in some network", "[64:ff9b:1:2:3:4:a9fe:a9fe]"],
  ["6to4", "[2002:a9fe:a9fe::]"],
  ["6to4, of Oracle", "[2002:c000:c0::1]"],
  ["Teredo", "[2001::5601:5601]"],
  ["ISATAP", "[2001:db8::5efe:169.254.169.254]"],
  ["ISATAP, of a public network", "[2001:db8::200:5efe:169.254.169.254]"],
  ["by name", "metadata.google.internal"],
  ["by name, with a dot", "METADATA.google.internal."],
  ["by its other name", "metadata.goog"],
])("a metadata service %s is one: %s", (_, host) => {
  expect(isMetadata(hostOf(host))).toBe(true);
});

test.each([
  ["8.8.8.8", "169.253.169.254", "100.100.100.201", "168.63.129.17", "192.0.0.193", "127.0.0.1", "10.0.0.1"],
  ["[::1]", "[::]", "[fd00:ec3::254]", "[fd20:ce::255]", "[fec0::1]", "[2001:db8::a9fe:a9fe]", "[64:ff9b::808:808]"],
  [
    "gitlab.example.com",
    "metadata.google.internal.example.com",
    "169.254.169.254.example.com",
    "metadata.goog.example",
  ],
])("any other address is none: %s …", (...hosts) => {
  expect(hosts.filter((host) => isMetadata(hostOf(host)))).toEqual([]);
});

test("an address as a resolver spells it is one, too", () => {
  expect(["fe80::1%eth0", "::ffff:169.254.169.254", "fd20:ce::254", "169.254.169.254"].filter(isMetadata)).toHaveLength(
    4,
  );
  expect(isMetadata("2606:4700::6810:84e5")).toBe(false);
});
