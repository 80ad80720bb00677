// https://docs.aws.amazon.com/general/latest/gr/rande.html
/**
 * What the services of AWS have in common.
 * Partitions, hosts and variables: botocore 1.44.8, botocore/data/partitions.json, endpoints.json, configprovider.py, credentials.py
 * Consoles: aws-cli, awscli/customizations/console.py
 */
import type { Auth, Call, Errors, Id, Json, Regional, Server, Whoami } from "../provider.ts";

/** Regions by partition. A region that is in no list yet is taken if it has a partition's form, as the official clients do. */
const partitions = [
  { name: "aws", regions: /(?:us|eu|ap|sa|ca|me|af|il|mx)-[a-z]+-\d+/, domain: "amazonaws.com" },
  { name: "aws-us-gov", regions: /us-gov-[a-z]+-\d+/, domain: "amazonaws.com" },
  { name: "aws-cn", regions: /cn-[a-z]+-\d+/, domain: "amazonaws.com.cn" },
  { name: "aws-eusc", regions: /eusc-de-[a-z]+-\d+/, domain: "amazonaws.eu" },
  { name: "aws-iso", regions: /us-iso-[a-z]+-\d+/, domain: "c2s.ic.gov" },
  { name: "aws-iso-b", regions: /us-isob-[a-z]+-\d+/, domain: "sc2s.sgov.gov" },
  { name: "aws-iso-e", regions: /eu-isoe-[a-z]+-\d+/, domain: "cloud.adc-e.uk" },
  { name: "aws-iso-f", regions: /us-isof-[a-z]+-\d+/, domain: "csp.hci.ic.gov" },
] as const;

function hosts(service: string): Regional {
  return partitions.map(({ regions, domain }) => ({ regions, url: `https://${service}.{region}.${domain}` }));
}

/** `id`: what the service is called in variables. The first variable wins. */
export function serverOf(host: string, id: string): Server {
  return {
    url: hosts(host),
    env: [`AWS_ENDPOINT_URL_${id}`, "AWS_ENDPOINT_URL"],
    envIgnoredBy: "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    region: { env: ["AWS_REGION", "AWS_DEFAULT_REGION"], example: "eu-west-1" },
  };
}

/** As botocore looks for them, without the files of a home directory. `service`: its name in the signature's scope. */
export function authOf(service: string): Auth[] {
  return [
    {
      scheme: "aws-signature",
      service,
      // https://github.com/aws-actions/configure-aws-credentials#oidc
      action: {
        uses: "aws-actions/configure-aws-credentials@v6",
        with: { "role-to-assume": "${{ vars.AWS_ROLE_ARN }}", "aws-region": "{region}" },
      },
      env: {
        "access-key": ["AWS_ACCESS_KEY_ID"],
        "secret-key": ["AWS_SECRET_ACCESS_KEY"],
        "security-token": ["AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN"],
      },
    },
    {
      scheme: "aws-web-identity",
      service,
      tokenServer: hosts("sts"),
      tokenServerEnv: ["AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL"],
      env: {
        token: [{ file: "AWS_WEB_IDENTITY_TOKEN_FILE" }],
        role: ["AWS_ROLE_ARN"],
        "session-name": ["AWS_ROLE_SESSION_NAME"],
      },
    },
    {
      scheme: "aws-container",
      service,
      env: {
        "credentials-address": ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"],
        authorization: [{ file: "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE" }, "AWS_CONTAINER_AUTHORIZATION_TOKEN"],
      },
    },
  ];
}

/** Pages of a service's console. Those of the isolated partitions are in no source. With several sessions, a label of the session stands before the region. */
export function consolePages(path: string): string[] {
  const [before = "", hash = ""] = path.split(/(?=#)/);
  return ["aws.amazon.com", "amazonaws-us-gov.com", "amazonaws.cn", "amazonaws-eusc.eu"].flatMap((console) => [
    `https://{region}.console.${console}${path}`,
    `https://{session}.{region}.console.${console}${path}`,
    `https://console.${console}${before}?region={region}${hash}`,
  ]);
}

/** JSON over one address: the operation is named in a header. `version` is that of the protocol. */
export function operationsOf(target: string, version: "1.0" | "1.1"): (name: string, body: Json) => Call {
  return (name, body) => ({
    route: "POST /",
    headers: { "content-type": `application/x-amz-json-${version}`, "x-amz-target": `${target}.${name}` },
    body,
  });
}

/** The exception's name stands behind a namespace and a `#`, where there is one; in front of the service an error may be in XML. */
export function exceptionName(body: Json): string | undefined {
  if (typeof body === "string") return /<Code>([^<]{1,200})<\/Code>/.exec(body)?.[1];
  return body.__type?.split("#").at(-1);
}

/** Errors that all services have: https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html */
export const commonErrors = {
  code: exceptionName,
  message: ["message", "Message"],
  busy: /^(Throttling|TooManyRequests|RequestLimitExceeded)(Exception)?$/,
  denied:
    /^(AccessDenied|UnrecognizedClient|InvalidSignature|IncompleteSignature|ExpiredToken|InvalidClientTokenId|MissingAuthenticationToken|RequestExpired|OptInRequired|NotAuthorized)(Exception)?$/,
} satisfies Errors;

/** The identity in a reply that is XML. */
export function arnIn(text: string): string | undefined {
  return /<Arn>([^<]{1,2000})<\/Arn>/.exec(text)?.[1];
}

/** Needs no permission. What the identity may do cannot be asked without one. */
export const callerIdentity: Whoami = {
  route: "POST /",
  form: { Action: "GetCallerIdentity", Version: "2011-06-15" },
  text: true,
  docs: "https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html",
  service: { name: "sts", url: hosts("sts") },
  who: arnIn,
};

/** What an id says by its ARN, if `resource` is how its resource begins: its region, and the id itself. */
export function byArn(service: string, resource = ""): Required<Pick<Id, "hint" | "says" | "normalize">> {
  const arn = new RegExp(
    `^arn:(?<partition>aws[a-z-]*):${service}:(?<region>[a-z0-9-]+):\\d{12}:${resource}(?<id>.*)$`,
    "s",
  );
  return { hint: "the partition of an ARN is that of its region", says: regionOf, normalize: idOf };

  /** It is in the region of its ARN and in no other. */
  function regionOf(value: string): { region?: string } {
    const region = arn.exec(value)?.groups?.["region"];
    return region === undefined ? {} : { region };
  }

  /** Its ARN names it, too. One that contradicts itself names nothing. */
  function idOf(value: string): string {
    const { partition, region = "", id = "" } = arn.exec(value)?.groups ?? {};
    const of = partitions.find(({ regions }) => new RegExp(`^(?:${regions.source})$`).test(region))?.name;
    return partition !== undefined && partition === of ? id : value;
  }
}
