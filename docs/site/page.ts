/** What the page does: an address is pasted, and what `cancel-run explain` says of it is shown. Nothing is sent, and no HTML is made of text. */
import { explainAddress } from "../../src/explain/browser.ts";
import type { Explanation, Form, Request } from "../../src/explain/explanation.ts";

const address = field("address", HTMLInputElement);
const provider = field("provider", HTMLSelectElement);
const example = field("example", HTMLSelectElement);
const message = field("answer-message", HTMLElement);
const answer = field("answer", HTMLElement);
const search = field("search", HTMLInputElement);
const found = field("found", HTMLElement);
const rows = [...document.querySelectorAll<HTMLTableRowElement>("#list tbody tr")];

field("ask", HTMLFormElement).addEventListener("submit", (event) => {
  event.preventDefault();
  show();
});
address.addEventListener("input", show);
provider.addEventListener("change", show);
example.addEventListener("change", () => {
  if (example.value === "") return;
  address.value = example.value;
  provider.value = example.selectedOptions[0]?.dataset["provider"] ?? "";
  show();
});
search.addEventListener("input", filter);
// What the browser has kept of an earlier visit.
show();
filter();

function field<Kind extends HTMLElement>(id: string, kind: new () => Kind): Kind {
  const element = document.getElementById(id);
  if (!(element instanceof kind)) throw new Error(`#${id} is missing`);
  return element;
}

function show(): void {
  message.textContent = "";
  address.removeAttribute("aria-invalid");
  if (address.value.trim() === "") {
    answer.replaceChildren();
    return;
  }
  const result = explainAddress(address.value, provider.value === "" ? {} : { provider: provider.value });
  if ("message" in result) {
    message.textContent = result.message;
    address.setAttribute("aria-invalid", "true");
    answer.replaceChildren();
    return;
  }
  answer.replaceChildren(...result.runs.map(article));
}

function article(run: Explanation): HTMLElement {
  const {
    provider: key,
    name,
    target,
    ids,
    server,
    region,
    credentials,
    permissions,
    rights,
    look,
    cancel,
    force,
  } = run;
  const alike = run.alike.length > 0 ? `, unless the server says that it is ${run.alike.join(" or ")}` : "";
  const facts = [
    ["System", `${name} (${key}${alike})`],
    ["Kind of run", target],
    ...Object.entries(ids),
    ["Server", server],
    ...(region === null ? [] : [["Region", region] as const]),
  ] as const;
  const allowed = [
    ...(permissions.look === null ? [] : [["To look", permissions.look] as const]),
    ["To cancel", permissions.cancel] as const,
    ...(permissions.force === undefined ? [] : [["To force", permissions.force ?? "no more than to cancel"] as const]),
    ["In short", rights] as const,
  ];
  return make(
    "article",
    {},
    make("h3", {}, `${name}: ${target} ${Object.values(ids).at(-1) ?? ""}`),
    list(facts),
    block("Step for GitHub Actions", run.github),
    block("Component for GitLab CI/CD 18.10 or later, with stage and rules of your own", run.gitlab.component),
    block("Job for GitLab CI/CD where the server does not have the component", run.gitlab.job),
    block("Command", run.command),
    make("div", { class: "bar" }, make("h4", {}, "Credential")),
    make("ul", {}, ...credentials.map((form) => make("li", {}, inWords(form)))),
    make("div", { class: "bar" }, make("h4", {}, "It must be allowed")),
    list(allowed.map(([title, text]) => [title, text.replaceAll("`", "")] as const)),
    make("p", {}, make("a", { href: permissions.docs, rel: "noreferrer" }, "The vendor's document")),
    make(
      "details",
      {},
      make("summary", {}, "What would be asked"),
      block("A look", requests(look)),
      block("A cancel", requests(cancel)),
      ...(force.length > 0 ? [block("A forced stop, only with force-after", requests(force))] : []),
    ),
  );
}

function inWords({ inputs, optional, onlyByVariable, variables }: Form): string {
  if (inputs.length + optional.length === 0) return "none, where the server asks for none";
  const one = (name: string): string => {
    const names = variables[name] ?? [];
    if (onlyByVariable) return `the variable ${names.join(" or ")}`;
    return names.length > 0 ? `${name} (or the variable ${names.join(" or ")})` : name;
  };
  return [...inputs.map(one), ...optional.map((name) => `if there is one, ${one(name)}`)].join(" and ");
}

function requests(all: readonly Request[]): string {
  return [...new Set(all.map(({ method, address: url }) => `${method} ${url}`))].join("\n");
}

function list(facts: readonly (readonly [string, string])[]): HTMLElement {
  return make("dl", {}, ...facts.flatMap(([title, text]) => [make("dt", {}, title), make("dd", {}, text)]));
}

/** Text to copy. */
function block(title: string, text: string): HTMLElement {
  const pre = make("pre", { tabindex: "0", role: "group", "aria-label": title }, make("code", {}, text));
  const button = make("button", { type: "button" }, "Copy");
  button.setAttribute("aria-label", `Copy: ${title}`);
  button.addEventListener("click", () => {
    void copy(text, pre).then((isCopied) => {
      button.textContent = isCopied ? "Copied" : "Selected";
    });
  });
  return make("div", {}, make("div", { class: "bar" }, make("h4", {}, title), button), pre);
}

/** A page from a file may be forbidden to write to the clipboard; then the text is selected. */
async function copy(text: string, shown: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    getSelection()?.selectAllChildren(shown);
    return false;
  }
}

function make(name: string, attributes: Readonly<Record<string, string>>, ...children: (Node | string)[]): HTMLElement {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

function filter(): void {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const row of rows) {
    const text = (row.textContent ?? "").toLowerCase();
    row.hidden = !words.every((word) => text.includes(word));
    if (!row.hidden) count += 1;
  }
  found.textContent = words.length === 0 ? "" : `${count} of ${rows.length} systems`;
}
