/**
 * Cuts __tests__/fixtures/openapi/<vendor>.json out of the vendor's whole document, which a package carries:
 *
 *     node scripts/openapi/slice.mjs netlify node_modules/@netlify/open-api/dist/swagger.json
 *
 * `slices.mjs` says which package, and which calls stay. An OpenAPI 2 document becomes one of OpenAPI 3. Prose and the vendor's
 * own extensions are left out, and what a reply has more than `depth` levels down is anything.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { format } from "prettier";
import { parse } from "yaml";
import { slices } from "./slices.mjs";

const [, , vendor, ...files] = process.argv;
const slice = slices[vendor];
const whole = files.map(read).reduce(together);
const document = whole.swagger === undefined ? whole : modern(whole);
/** Fields that are many and that nobody reads. */
const { depth: usualDepth = 3, without = /^$/, requiredOnly = false, requestDepth = Infinity } = slice;
const components = {};
const paths = {};
for (const route of Object.keys(slice.calls)) {
  const [method, path] = route.split(" ");
  const operation = document.paths[path]?.[method.toLowerCase()];
  if (operation === undefined) throw new Error(`${route} is not in the document`);
  paths[path] = {
    ...paths[path],
    [method.toLowerCase()]: cutOperation(operation, document.paths[path].parameters, slice.calls[route]),
  };
}
const { package: from, ...source } = slice.source;
const cut = {
  openapi: document.openapi,
  info: { title: document.info.title, version: document.info.version || from },
  "x-source": {
    package: from,
    ...source,
    changed: [
      ...(whole.swagger === undefined ? [] : ["OpenAPI 2 was brought into the form of OpenAPI 3"]),
      "cut to the calls that are made; prose and extensions are left out",
      `what a reply has more than ${usualDepth} levels down, or fewer, is anything`,
      ...(requestDepth < Infinity ? [`and what a request has more than ${requestDepth} levels down`] : []),
      ...(requiredOnly ? ["of a reply's fields those stay that are always there"] : []),
      ...(slice.without ? [`what a reply has like ${without.source} is left out`] : []),
      ...(slice.changed ?? []),
    ],
    missing: slice.missing ?? {},
  },
  servers: slice.servers ?? document.servers ?? [{ url: "/" }],
  ...(document.security && { security: document.security }),
  paths,
  components: {
    ...components,
    ...(document.components?.securitySchemes && { securitySchemes: plain(document.components.securitySchemes) }),
  },
};
slice.change?.(cut);
const target = `__tests__/fixtures/openapi/${vendor}.json`;
writeFileSync(target, await format(JSON.stringify(cut), { parser: "json", printWidth: 120 }));
console.log(`${target}: ${readFileSync(target).length} bytes`);

function read(path) {
  // Huawei has a document for each call.
  if (slice.files) return joined(slice.files.map((file) => JSON.parse(readFileSync(`${path}/${file}`, "utf8"))));
  const text = readFileSync(path, "utf8");
  if (/\.ya?ml$/.test(path)) return parse(text);
  // Gitea fills a template in.
  return JSON.parse(
    text.replaceAll("{{.SwaggerAppVer}}", slice.source.version ?? "").replaceAll("{{.SwaggerAppSubUrl}}", ""),
  );
}

/** Airflow has another document for those who sign in. What both define they define alike. */
function together(one, other) {
  return {
    ...one,
    paths: { ...one.paths, ...other.paths },
    components: { ...one.components, schemas: { ...other.components.schemas, ...one.components.schemas } },
  };
}

/** What they define, by the place of the document. */
function joined(documents) {
  const apart = documents.map(({ paths, definitions, parameters }, at) =>
    JSON.parse(
      JSON.stringify({ paths, definitions, parameters }).replaceAll(/"#\/(definitions|parameters)\//g, `"#/$1/${at}-`),
    ),
  );
  const all = (part) =>
    Object.fromEntries(
      apart.flatMap((one, at) => Object.entries(one[part] ?? {}).map(([name, what]) => [`${at}-${name}`, what])),
    );
  return {
    swagger: "2.0",
    info: slice.info,
    paths: Object.assign({}, ...apart.map(({ paths }) => paths)),
    definitions: all("definitions"),
    parameters: all("parameters"),
  };
}

function cutOperation(operation, shared = [], { examples = {}, depth = usualDepth }) {
  const { operationId, parameters = [], requestBody, responses, security, deprecated } = operation;
  return {
    operationId,
    ...(deprecated && { deprecated }),
    parameters: [...shared, ...parameters].map((one) => cutParameter(resolve(one))),
    ...(requestBody && {
      requestBody: {
        required: requestBody.required ?? false,
        content: contentOf(resolve(requestBody).content, requestDepth),
      },
    }),
    responses: Object.fromEntries(
      Object.entries(responses).map(([status, response]) => [
        status,
        cutResponse(resolve(response), depth, examples[status]),
      ]),
    ),
    ...(security && { security }),
  };
}

function cutParameter({ name, in: place, required, schema, style, explode }) {
  return {
    name,
    in: place,
    ...(required && { required }),
    ...(style && { style }),
    ...(explode !== undefined && { explode }),
    schema: cutSchema(schema, Infinity),
  };
}

function cutResponse({ content }, depth, examples) {
  return { description: "", ...(content && { content: contentOf(content, depth, examples) }) };
}

function contentOf(content, levels, wanted) {
  const [type, { schema = {}, example, examples = {} }] =
    Object.entries(content).find(([name]) => name.includes("json")) ?? Object.entries(content)[0];
  const own = Object.entries(examples).map(([name, one]) => [name, { value: cutValue(resolve(one).value, levels) }]);
  const first = own[0]?.[1].value ?? (example && cutValue(example, levels));
  // Of several of the vendor's own the first is enough.
  const kept = wanted === undefined ? [] : own.slice(0, 1).filter(([, { value }]) => value !== null);
  const ours = Object.entries(wanted ?? {}).map(([name, more]) => [
    name,
    {
      "x-example-of-ours": true,
      value: typeof more === "function" ? more(first) : merged(first ?? sample(schema, levels), more),
    },
  ]);
  const all = Object.fromEntries([...kept, ...ours]);
  return {
    [type]: {
      schema: cutSchema(schema, levels),
      ...(Object.keys(all).length > 0 && { examples: all }),
    },
  };
}

/** As its schema is cut. */
function cutValue(value, levels) {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return levels <= 0 ? [] : value.slice(0, 2).map((one) => cutValue(one, levels - 1));
  const kept = Object.entries(value).filter(([name]) => levels > 0 && !without.test(name));
  return Object.fromEntries(kept.map(([name, one]) => [name, cutValue(one, levels - 1)]));
}

/** The least that the schema asks for. */
function sample(schema, levels) {
  const {
    type,
    enum: words,
    const: only,
    format,
    allOf,
    anyOf,
    oneOf,
    properties = {},
    required = [],
    default: usual,
  } = resolve(schema);
  if (only !== undefined) return only;
  if (usual !== undefined && usual !== null) return usual;
  if (words) return words[0];
  if (allOf) return Object.assign({}, ...allOf.map((one) => sample(one, levels)));
  if (anyOf ?? oneOf) return sample((anyOf ?? oneOf).find((one) => one.type === "null") ?? (anyOf ?? oneOf)[0], levels);
  const kind = Array.isArray(type) ? type[0] : type;
  if (kind === "null") return null;
  if (kind === "array") return [];
  if (kind === "integer" || kind === "number") return 1;
  if (kind === "boolean") return false;
  if (kind === "string")
    return (
      {
        "date-time": "2026-11-26T10:00:00Z",
        uri: "https://example.com/",
        uuid: "3c90c3cc-0d44-4b50-8888-8dd25736052a",
      }[format] ?? "text"
    );
  if (levels === 0) return {};
  return Object.fromEntries(
    required
      .filter((name) => name in properties && !without.test(name))
      .map((name) => [name, sample(properties[name], levels - 1)]),
  );
}

function merged(one, more) {
  if (
    more === null ||
    typeof more !== "object" ||
    Array.isArray(more) ||
    one === null ||
    typeof one !== "object" ||
    Array.isArray(one)
  )
    return more;
  return {
    ...one,
    ...Object.fromEntries(Object.entries(more).map(([name, value]) => [name, merged(one[name], value)])),
  };
}

/** What is looked up is written in place: of a schema cut at a depth there is no one form. */
function cutSchema(schema, levels, open = []) {
  if (schema === undefined || typeof schema === "boolean") return schema ?? {};
  if (schema.$ref !== undefined) {
    if (open.includes(schema.$ref)) return {};
    return cutSchema(resolve(schema), levels, [...open, schema.$ref]);
  }
  const rest = { ...schema };
  for (const name of Object.keys(rest))
    if (/^x-|^(description|summary|title|example|examples|externalDocs|discriminator|readOnly|deprecated)$/.test(name))
      delete rest[name];
  // What Prism makes up for one is none.
  if (rest.format === "byte") delete rest.format;
  for (const name of ["allOf", "anyOf", "oneOf"])
    if (rest[name]) rest[name] = rest[name].map((one) => cutSchema(one, levels, open));
  if (levels <= 0 && (rest.properties || rest.items || rest.additionalProperties)) return nullable(rest);
  if (rest.items) rest.items = cutSchema(rest.items, levels - 1, open);
  if (typeof rest.additionalProperties === "object")
    rest.additionalProperties = cutSchema(rest.additionalProperties, levels - 1, open);
  if (rest.properties && levels < Infinity) {
    const stays = (name) => !without.test(name) && (!requiredOnly || rest.required?.includes(name));
    rest.properties = Object.fromEntries(Object.entries(rest.properties).filter(([name]) => stays(name)));
    if (rest.required) rest.required = rest.required.filter((name) => stays(name));
  }
  if (rest.properties)
    rest.properties = Object.fromEntries(
      Object.entries(rest.properties).map(([name, one]) => [name, cutSchema(one, levels - 1, open)]),
    );
  return rest;
}

function nullable({ type, nullable: may }) {
  return { ...(type && { type }), ...(type === "array" && { items: {} }), ...(may && { nullable: may }) };
}

function resolve(one) {
  if (one?.$ref === undefined) return one;
  const found = one.$ref
    .slice(2)
    .split("/")
    .reduce((at, name) => at?.[name.replaceAll("~1", "/").replaceAll("~0", "~")], document);
  if (found === undefined) throw new Error(`${one.$ref} leads nowhere`);
  return resolve(found);
}

function plain(schemes) {
  return Object.fromEntries(
    Object.entries(schemes).map(([name, scheme]) => [name, { ...scheme, description: undefined }]),
  );
}

/** https://swagger.io/specification/v2/ */
function modern({
  info,
  host,
  basePath = "",
  security,
  securityDefinitions = {},
  paths: old,
  definitions = {},
  responses = {},
  parameters = {},
}) {
  const moved = JSON.parse(
    JSON.stringify({ old, definitions, responses, parameters })
      .replaceAll('"#/definitions/', '"#/components/schemas/')
      .replaceAll('"#/responses/', '"#/components/responses/')
      .replaceAll('"#/parameters/', '"#/components/parameters/'),
  );
  const parameterOf = ({ name, in: place, required, ...schema }) => ({ name, in: place, required, schema });
  const responseOf = (response) =>
    response.$ref
      ? response
      : { ...(response.schema && { content: { "application/json": { schema: response.schema } } }) };
  const found = (one) => (one.$ref ? moved.parameters[one.$ref.split("/").pop()] : one);
  const operationOf = ({ parameters: all = [], responses: replies, ...rest }) => {
    const body = all.map(found).find((one) => one.in === "body");
    return {
      ...rest,
      parameters: all
        .map(found)
        .filter((one) => one.in !== "body")
        .map(parameterOf),
      ...(body && {
        requestBody: { required: body.required, content: { "application/json": { schema: body.schema } } },
      }),
      responses: Object.fromEntries(Object.entries(replies).map(([status, one]) => [status, responseOf(one)])),
    };
  };
  const schemes = Object.entries(securityDefinitions).map(
    ([name, { flow, authorizationUrl, scopes = {}, ...scheme }]) => {
      if (scheme.type === "basic") return [name, { type: "http", scheme: "basic" }];
      if (scheme.type === "oauth2") return [name, { type: "oauth2", flows: { [flow]: { authorizationUrl, scopes } } }];
      return [name, scheme];
    },
  );
  return {
    openapi: "3.0.3",
    info,
    servers: [{ url: `${host ? `https://${host}` : ""}${basePath}` || "/" }],
    security,
    paths: Object.fromEntries(
      Object.entries(moved.old).map(([path, { parameters: shared = [], ...operations }]) => [
        path,
        {
          parameters: shared.map(found).map(parameterOf),
          ...Object.fromEntries(Object.entries(operations).map(([method, one]) => [method, operationOf(one)])),
        },
      ]),
    ),
    components: {
      schemas: moved.definitions,
      responses: Object.fromEntries(Object.entries(moved.responses).map(([name, one]) => [name, responseOf(one)])),
      securitySchemes: Object.fromEntries(schemes),
    },
  };
}
