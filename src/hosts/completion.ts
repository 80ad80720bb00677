/** `cancel-run completion bash`: what a shell completes, made from the same source as `--help`. */
import type { Manifest } from "../engine/manifest.ts";
import { UsageError } from "../engine/usage.ts";
import { oneLine, oneOf } from "../text.ts";
import { idFlags, type Option, optionGroups, type Shell, shells } from "./options.ts";

interface Words {
  readonly options: readonly Option[];
  readonly ids: readonly string[];
  readonly providers: readonly string[];
  readonly commands: readonly string[];
}

const scripts: Readonly<Record<Shell, (words: Words) => string>> = { bash, zsh, fish };

/** Throws `UsageError`. */
export function completion(args: readonly string[], manifest: Manifest): string {
  const [name = ""] = args;
  const shell = shells.find((known) => known === name);
  if (shell === undefined || args.length > 1)
    throw new UsageError(
      `completion takes one of ${oneOf(shells)}${name ? `, not "${oneLine(args.join(" "), 60)}"` : ""}`,
    );
  return scripts[shell]({
    options: optionGroups(manifest).flatMap(({ options }) => options),
    ids: idFlags(manifest),
    providers: [...manifest.keys()],
    commands: ["explain", "help", "completion", "demo"],
  });
}

const isSwitch = ({ value }: Option): boolean => value === undefined;

/** Of every value that there are few of. */
const chosen = (options: readonly Option[]): (readonly [flag: string, choices: readonly string[]])[] =>
  options.flatMap(({ flag, choices }) => (choices ? [[flag, choices] as const] : []));

function bash({ options, ids, providers, commands }: Words): string {
  const valued = [...options.filter((option) => !isSwitch(option) && !option.choices).map(({ flag }) => flag), ...ids];
  const choices = chosen(options.filter(({ flag }) => flag !== "--provider"));
  return `# bash completion for cancel-run: eval "$(cancel-run completion bash)"
_cancel_run() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} words
  case $before in
    --provider|help|--help) words='${providers.join(" ")}' ;;
    completion) words='${shells.join(" ")}' ;;
${choices.map(([flag, some]) => `    ${flag}) words='${some.join(" ")}' ;;`).join("\n")}
    ${valued.join("|")}) return ;;
    *)
      words='${[...options.map(({ flag }) => flag), ...ids].join(" ")}'
      [[ \${COMP_WORDS[1]} == explain ]] && words+=' --check'
      (( COMP_CWORD == 1 )) && words+=' ${commands.join(" ")}'
      ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -F _cancel_run cancel-run
`;
}

/** https://zsh.sourceforge.io/Doc/Release/Completion-System.html#Completion-Functions */
function zsh({ options, ids, providers, commands }: Words): string {
  const text = (help: string): string => help.replaceAll("'", "’").replaceAll(/[[\]:\\]/g, String.raw`\$&`);
  const spec = ({ flag, help, value, choices }: Option): string => {
    if (value === undefined) return `'${flag}[${text(help)}]'`;
    return `'${flag}=[${text(help)}]:${value.toLowerCase()}:${choices ? `(${choices.join(" ")})` : " "}'`;
  };
  const specs = [...options.map(spec), ...ids.map((id) => `'${id}=[Id of the run.]:id: '`)];
  return `#compdef cancel-run
# zsh completion for cancel-run: save it as _cancel-run in a folder of $fpath, or eval "$(cancel-run completion zsh)"
_cancel_run() {
  if (( CURRENT == 2 )) && [[ $PREFIX != -* ]]; then
    compadd -- ${commands.join(" ")}
    return
  fi
  case $words[2] in
    help) compadd -- ${providers.join(" ")}; return ;;
    completion) compadd -- ${shells.join(" ")}; return ;;
  esac
  local check=()
  [[ $words[2] == explain ]] && check=('--check[Ask the vendor about the credential, and look at the run.]')
  _arguments $check \\
${specs.map((one) => `    ${one} \\`).join("\n")}
    '*:address: '
}
if [[ $funcstack[1] == _cancel-run ]]; then _cancel_run "$@"; else compdef _cancel_run cancel-run; fi
`;
}

/** https://fishshell.com/docs/current/completions.html */
function fish({ options, ids, providers, commands }: Words): string {
  const quoted = (text: string): string => `'${text.replaceAll("\\", "\\\\").replaceAll("'", String.raw`\'`)}'`;
  const complete = "complete -c cancel-run";
  const first = "-n __fish_use_subcommand";
  const after = (command: string): string => `-n '__fish_seen_subcommand_from ${command}'`;
  return [
    "# fish completion for cancel-run: cancel-run completion fish > ~/.config/fish/completions/cancel-run.fish",
    `${complete} -f`,
    `${complete} ${first} -a ${quoted(commands.join(" "))}`,
    `${complete} ${after("help")} -a ${quoted(providers.join(" "))}`,
    `${complete} ${after("completion")} -a ${quoted(shells.join(" "))}`,
    `${complete} ${after("explain")} -l check -d ${quoted("Ask the vendor about the credential, and look at the run.")}`,
    ...options.map(({ flag, value, help, choices }) =>
      [
        `${complete} -l ${flag.slice(2)}`,
        ...(value === undefined ? [] : ["-x"]),
        ...(choices ? [`-a ${quoted(choices.join(" "))}`] : []),
        `-d ${quoted(help)}`,
      ].join(" "),
    ),
    ...ids.map((id) => `${complete} -l ${id.slice(2)} -x -d ${quoted("Id of the run.")}`),
    "",
  ].join("\n");
}
