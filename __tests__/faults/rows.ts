/** The matrix in words: docs/reliability.md is made of this. The cases of a row are in the file of its group, under its id. */

export interface Row {
  readonly id: string;
  readonly fault: string;
  /** What cancel-run does about it. */
  readonly happens: string;
}

export interface Group {
  readonly file: string;
  readonly title: string;
  readonly rows: readonly Row[];
}

const row = (id: string, fault: string, happens: string): Row => ({ id, fault, happens });

export const groups: readonly Group[] = [
  {
    file: "transport.ts",
    title: "On the way to the server",
    rows: [
      row(
        "T1",
        "The host's name is not known",
        "Looked up five times, because a container's resolver may be late; then it fails and names the host.",
      ),
      row("T2", "The name cannot be looked up just now", "Tried until the deadline."),
      row("T3", "Connection refused", "Tried until the deadline."),
      row(
        "T4",
        "Connection reset before an answer",
        "A look is made again until the deadline. A cancel is sent again, too, since cancelling twice is harmless: five times at most and within five seconds of its look, then a look decides. The waits are full jitter, from nothing to a time that doubles.",
      ),
      row(
        "T5",
        "Connection cut in the answer to the cancel",
        "Whether it was done is not known, and a look decides. It is sent again only after two looks have seen the run alive.",
      ),
      row("T6", "Connection cut in the answer to a look", "The whole look is made again, until the deadline."),
      row(
        "T7",
        "JSON that ends in the middle",
        "A look is made again, three times in all; for a cancel, a look decides.",
      ),
      row("T8", "gzip that ends early", "Read if all of the JSON is there, else as T7."),
      row(
        "T9",
        "Certificate not trusted, expired or for another name",
        "Never retried, nothing is sent, and the message says which it is and what to do: `NODE_EXTRA_CA_CERTS` for an authority of your own. There is no switch to accept it, and `NODE_TLS_REJECT_UNAUTHORIZED=0` is none.",
      ),
      row(
        "T10",
        "https to a port that speaks http, or the reverse",
        "Once, with the hint to check scheme and port; the reverse looks like T4 on the wire, and is tried as long.",
      ),
      row(
        "T11",
        "No answer",
        "Given up on after 30 s. A look is made again until the deadline; whether a cancel is sent again, a look decides.",
      ),
      row("T12", "An answer that comes by drops", "The same 30 s cover connection, headers and body together."),
      row("T13", "A kept connection that is closed when it is used again", "Sent again on a fresh one."),
      row("T14", "What answers does not speak HTTP", "Two tries, then it says so."),
      row("T15", "Headers without end", "Once, then it says so."),
      row("T16", "A port that browsers forbid", "A port like any other."),
      row(
        "T18",
        "The answer to the cancel is lost, and the next one is a refusal",
        "The refusal proves nothing: a look decides, and a run that is cancelled then was cancelled by us. A cancel that certainly never left is not counted.",
      ),
      row(
        "T17",
        "A proxy",
        "`HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` in either case, with or without scheme, with name and password; tunnels only, so over https no proxy sees a credential. Loopback is never proxied. A refusal (407) ends it at once, a busy proxy (5xx), or one that is not up, is tried until the deadline and named as the proxy; its password is never shown.",
      ),
    ],
  },
  {
    file: "http.ts",
    title: "What the server says",
    rows: [
      row(
        "H1",
        "408, 429 or 5xx once",
        "Looks and cancels are sent again. 400, 401, 403, 404, 409, 410, 422 and 501 are not.",
      ),
      row(
        "H2",
        "500, or another 5xx that is no restart, for ever",
        "Five tries; the status is in the message, the outcome is `failed`, or what a look says.",
      ),
      row(
        "H3",
        "`Retry-After` in seconds",
        "Obeyed exactly, without jitter, also by the next request where the last of five tries was answered so; before a cancel is sent again so late, a look is made. All runs of the server wait for it, without asking themselves. A 429 that does not say how long is waited for a minute, which is not called the server's wish.",
      ),
      row("H4", "`Retry-After` as a date", "Read by the server's own `Date`; a date that is over means now."),
      row(
        "H5",
        "`Retry-After` that is absurd",
        "What does not fit the deadline is given up on at once, and said. What is no number and no date is not taken for one. No timer overflows.",
      ),
      row(
        "H6",
        "403 that is a rate limit",
        "Treated as one: by `Retry-After`, by the end of the limit, else a minute, until the deadline. If it lasts, the outcome is `failed`, not `refused`.",
      ),
      row("H7", "403 that is none", "Never retried: `refused`, with the right that is needed."),
      row(
        "H8",
        "401",
        "Never retried, with two exceptions, each once: with another access token where we have got it ourselves; and signed with the time of the server's `Date` where ours is another one. After an accepted cancel what is known is kept: the outcome says that it was accepted.",
      ),
      row("H9", "404", "Never retried: `not-found`, and both causes are named."),
      row("H10", "404 right after the cancel", "Three looks may miss the run, because replicas lag."),
      row(
        "H11",
        "409",
        "A look decides: over is `already-finished`; alive is asked again after two looks, three times at most, and watched to the end.",
      ),
      row("H12", "2xx to a cancel that did nothing", "Never success: a look decides."),
      row(
        "H13",
        "200 with a login page or another content type",
        "Never success. A look is made three times, because a maintenance page passes; then the page's title is shown.",
      ),
      row("H14", "An empty body", "Enough for a cancel, nothing for a look."),
      row(
        "H15",
        "JSON of another shape",
        "No state: looked at three times, then `failed`. A state nobody knows is not over: said once, watched until it ends.",
      ),
      row(
        "H27",
        "JSON that is not about the run",
        "A look whose reply lacks the run's id shows nothing, whatever its words are. CodeArts Build repeats none in its newest look: two more of its fields must be there.",
      ),
      row(
        "H16",
        "A huge body, a gzip bomb, deep nesting",
        "At most 5 MiB are read, unpacked. JSON and globs are read in one pass; a pattern that could run long sees the first 10,000 characters of a text, by lint, and a test feeds all of them a megabyte of the worst.",
      ),
      row(
        "H17",
        "A redirect on the same server",
        "A GET follows, five times at most; a cancel never does, and names the new address.",
      ),
      row("H18", "A redirect to another server", "Never followed, with any vendor's way to send a credential."),
      row("H19", "A redirect in a loop", "Ended after five."),
      row(
        "H21",
        "502, 503, 504 or 52x: a server that restarts",
        "Looks are made until the deadline, at most ten seconds apart. A cancel is sent five times, then a look, which waits, decides whether it is sent again.",
      ),
      row(
        "H22",
        "A rate limit's reset as a delay",
        "Below 10^9 it is a delay in seconds, fractions too, else a moment. On a 429 it counts whatever is said to remain.",
      ),
      row(
        "H23",
        "JSON under another label, a page under JSON's",
        "What parses to an object or a list is JSON, whatever its label; an HTML page never is, nor a bare word or number that is not labelled JSON.",
      ),
      row(
        "H24",
        "A 404 that is an HTML page",
        "No missing run where the vendor's own 404 is data: `failed`, and a proxy that decodes `%2F` is named as a likely cause.",
      ),
      row(
        "H25",
        "A redirect to a login page",
        "`refused`, with the page's address and without asking there; never an accepted cancel, even where the vendor answers cancels with redirects.",
      ),
      row(
        "H26",
        "An error page, or XML",
        "The server's own words are shown: a page's title, XML's message, a nested detail. A proxy that says so itself is named in the vendor's place.",
      ),
      row(
        "H20",
        "The next page of a list on another server",
        "Never asked for, and nothing is cancelled by half a list.",
      ),
    ],
  },
  {
    file: "state.ts",
    title: "What the run does",
    rows: [
      row(
        "S1",
        "It ends between our look and our cancel",
        "How it ended is reported: `finished-anyway`, or `already-finished` if the server refused.",
      ),
      row(
        "S2",
        "It never stops",
        "One cancel, looks to the deadline, `still-running`. `force-after` sends the vendor's forced stop once.",
      ),
      row(
        "S3",
        "The cancel is accepted, and it ends as success or failure",
        "`finished-anyway` with the true state, not counted as cancelled.",
      ),
      row(
        "S4",
        "It is started again under the same id",
        "`restarted`, which fails the step; the new attempt is left alone.",
      ),
      row(
        "S13",
        "It is started again before its cancel leaves, or arrives",
        "A cancel, or a forced stop, that leaves later than five seconds after its look looks again first, whatever made it wait. If the next attempt was reached all the same, that is said, and it is `restarted`, never `cancelled`.",
      ),
      row(
        "S5",
        "It is the run that we are part of",
        "`refused`, or with `self: true` last of all, after the outputs; then the step holds.",
      ),
      row("S6", "`canceling`", "Not stopped."),
      row(
        "S7",
        "Several runs, of which one fails",
        "All are asked, each has its own record, the worst decides the exit code. GitHub's documented points a minute are kept, on its own servers, and the deadline everywhere.",
      ),
      row("S8", "The same run twice, empty lists, white space", "Each run once. A list of nothing is wrong usage."),
      row("S9", "The wall clock jumps", "Deadlines and waits are measured by a monotonic clock."),
      row(
        "S10",
        "A word that reads like an end and is none",
        "GitHub's `completed` with `action_required`, CodeArts' `not_started`: the run is cancelled, and watched until it has ended. A word that it had before the cancel is no end after it, unless another field says so; a field that says that it is over is not believed beside a live run's word.",
      ),
      row(
        "S11",
        "The number in a page's address is not the id that the API takes",
        "Forgejo's list says which id the run of that number has. If the number is also the id of another run, `refused`: nothing is sent.",
      ),
      row(
        "S12",
        "A page that GitHub, Gitea and Forgejo would all have",
        "The server is asked for its version, once and without a credential. One that does not say is wrong usage: give `provider`.",
      ),
      row(
        "S21",
        "A selection that matches nothing",
        "`nothing`, with what was searched, what was listed by the reason it was left alone, which names the listed runs bear, and what to give instead: a pull request's branch for `12/merge`, `ci.yml` for `ci.yaml`.",
      ),
      row(
        "S22",
        "A listed run of which it is unclear whether it is meant",
        "Left alone, with a warning that names it and why: a fork that is gone, a tag of the branch's name, a state, branch, commit or time that is not known.",
      ),
      row(
        "S23",
        "A list that is out of date",
        "Where it lacks our own run, which must be in it, it is asked for twice more within 13 s; then `failed`, never a green `nothing`.",
      ),
      row(
        "S24",
        "A job that had failed and was retried by itself",
        "`already-finished`, with a warning that names the newer job, which goes on and is not cancelled.",
      ),
      row(
        "S31",
        "A graceful cancel that is refused, while a forced stop was asked for",
        "`force-after` counts from the refusal too, once two looks since have found the run alive: the forced stop is sent, once.",
      ),
      row(
        "S32",
        "A refusal that does not pass",
        "The third refusal in the same words, of a run that still has not begun, ends it as `failed` with the server's words.",
      ),
      row(
        "S33",
        "A run that the vendor's cancel cannot end",
        "`failed` after one look, with the reason; the rest of the step's time is not waited for.",
      ),
    ],
  },
  {
    file: "runner.ts",
    title: "Our own job",
    rows: [
      row(
        "R1",
        "SIGINT or SIGTERM",
        "A cancel that has not been sent is sent now, within 5 s; outputs are written; exit 130 within 7 s. One whose answer is outstanding then is `cancelling`: asked, and not confirmed.",
      ),
      row("R2", "A second signal", "Gone at once."),
      row("R3", "Killed without a warning", "Outputs are written before and after the cancel, so they are there."),
      row(
        "R4",
        "Outputs or summary cannot be written",
        "The cancel happens all the same and the result is in the log. Without outputs the step fails at its end; without a summary it does not.",
      ),
      row(
        "R5",
        "Nobody reads stdout or stderr, or somebody holds them and has stalled",
        "The cancel happens all the same. The step ends by its deadline, or five seconds after its report was due; a report on stdout that was not read by then counts as not written.",
      ),
      row(
        "R21",
        "An end of our job that contradicts itself",
        "Where the runner reads the status before the end (Gitea, Forgejo, act), a guard for `unsuccessful` acts, because `post-if` has let it run; one for `failed` or `cancelled` alone warns and says what to give. On GitLab without `CI_JOB_STATUS` a guard does nothing, and says so.",
      ),
      row(
        "R6",
        "A secret in an output",
        "None is ever in one. A runner drops an output that holds the value of any secret: one that is a mere number can so eat a run's id.",
      ),
    ],
  },
  {
    file: "hostile.ts",
    title: "Hostile input and text",
    rows: [
      row(
        "I1",
        "A token with a line break or another stray character",
        "Refused before anything is sent, without showing it. White space around it is nothing.",
      ),
      row(
        "I2",
        "Ids that lead elsewhere",
        "Each must match its target's pattern, whole; it is then encoded, and the request's path compared with the one that was meant.",
      ),
      row("I3", "Ids beyond 2^53", "Ids are text from end to end, those in replies too."),
      row("I4", "Project and repository paths", "Patterns; a GitLab path is one encoded segment."),
      row(
        "I5",
        "Workflow commands in names and messages",
        "Broken up in both forms, `::` and `##[`; text is one line, without control characters.",
      ),
      row("I6", "Lines for the output file in names and messages", "Random delimiters, JSON on one line."),
      row(
        "I7",
        "Lines for GitLab's dotenv in names and messages",
        "Four fixed keys; a value with anything but plain characters is left empty.",
      ),
      row(
        "I8",
        "HTML and Markdown in the step summary",
        "One line of HTML, every foreign character escaped; links to the run's own server only.",
      ),
      row("I9", "ANSI escapes, section markers, characters that reorder text", "Taken out."),
      row(
        "I10",
        "A `server-url` or an address that would collect credentials",
        "Metadata services and link-local addresses are refused in any spelling, plain http beyond loopback unless `allow-http`, names and passwords, queries. No credential, of the inputs or of the environment, goes to a host that merely stands in an address: exit 2, with the line to add (`server-url: …`); the job's own token to its own server only, whatever variable holds it.",
      ),
      row(
        "I11",
        "Secrets in messages, errors and addresses",
        "Every credential of the inputs and the environment is known before the first line. A text is redacted before it is cut, each field before it is spelled for its output, and every line as it is written, in all spellings: JSON, HTML, addresses, base64 at any place of a longer text. What happens to a part of a secret tells nothing of it: nobody can guess it letter by letter. Errors of libraries are shown by code only.",
      ),
      row(
        "I12",
        "`__proto__` and its like",
        "Plain unknown words: registries are maps, foreign JSON is read by own keys only.",
      ),
      row(
        "I13",
        "The reason's text",
        "One line, cut to 1000 characters, sent in a body where the vendor takes it, and nowhere else.",
      ),
      row("I14", "`NODE_OPTIONS` and its like from an earlier step", "Whoever sets it owns the job; see below."),
      row(
        "I15",
        "A page that the server shows another run under",
        "`refused` before anything is sent, with the page that the server states and the id to give instead; nothing is sent either when our own job is killed before that look. A repository with another name is no other run.",
      ),
      row(
        "I16",
        "A variable whose credential is for another server",
        "Passed over, as the vendor's own tools pass over it, and named in the message: `GH_TOKEN` on an Enterprise Server, `TFE_TOKEN` away from `TFE_ADDRESS`, a CodeArts password with `server-url` and no `HUAWEICLOUD_SDK_IAM_ENDPOINT`.",
      ),
      row(
        "I17",
        "State and phase of the step, set by an earlier step",
        "At the end of a job the runner starts another file, so no variable makes one phase of the other. What main has saved is one variable, which the runner sets over any other.",
      ),
      row(
        "I18",
        "A value that is an option: `--help`, `--version`",
        "They count as the first or the only option; anywhere else they are wrong usage, and never success.",
      ),
      row(
        "I44",
        "A region, of an address, an id or the environment, that is none",
        "Held against the vendor's table; with `server-url`, which may have regions of its own, against the form that the input has.",
      ),
      row(
        "I43",
        "Our own run under another name: a path of another case, an older path, `077`, another host",
        "Known by its id where that is unique at the provider, whatever the path, or as soon as a look shows the id. The same id on a server of another name is refused, too, except at the vendor's public one: it may be ours.",
      ),
      row(
        "I42",
        "Addresses of CI variables that lead elsewhere",
        "`CI_SERVER_URL`, `GITHUB_SERVER_URL`, `CI_API_V4_URL` and `GITHUB_API_URL` are checked like `server-url`, whatever is to be cancelled, and the API must be that server's, or the vendor's own for it: else exit 2.",
      ),
      row(
        "I41",
        "A server's name that resolves to a metadata service or a link-local address",
        "Every address that a name resolves to is checked as the connection is made, in every spelling (IPv4 in IPv6, NAT64, 6to4, Teredo), for every server; with one of them nothing is sent, and the run is `failed`. Through a proxy it is the proxy that resolves names.",
      ),
    ],
  },
];

export const rows: readonly Row[] = groups.flatMap((group) => group.rows);

/** Where usual advice, of which this matrix was made, does not fit. */
export const differences: readonly { readonly id: string; readonly why: string }[] = [
  {
    id: "H8",
    why: "A refused look after an accepted cancel is often given an outcome of its own, `unknown`. Ours is `failed` with the detail that the cancel was accepted: nothing proves that the run stopped, and that is what `failed` says.",
  },
  {
    id: "H13",
    why: "A page in place of JSON is often failed at once. It is asked for three times here, within seconds: proxies answer so while a server restarts, and a run that is not cancelled for that costs more.",
  },
  {
    id: "T14",
    why: "The second try is the same: a connection that a load balancer mangled once looks like a server that speaks another protocol.",
  },
  { id: "T16", why: "Does not apply: only `fetch` refuses such ports, and it is not used." },
  {
    id: "H20",
    why: "Lists are read for selections and for `downstream`. In a selection a next page on another server ends the selection before the first cancel.",
  },
  {
    id: "I1",
    why: "No `::add-mask::` is written: it would put the secret into the log's stream to hide it there. The runner masks what comes from `secrets`, and everything we write is redacted before.",
  },
  {
    id: "I14",
    why: "Does not apply: `NODE_OPTIONS` works before the first line of ours. Runners do not let `GITHUB_ENV` set it.",
  },
  {
    id: "R1",
    why: "A signal within the first tenth of a second, before Node.js has read the program, ends it as any program: nothing has been asked yet.",
  },
];
