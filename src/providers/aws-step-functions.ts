// https://docs.aws.amazon.com/step-functions/latest/apireference/API_StopExecution.html
import { authOf, callerIdentity, commonErrors, consolePages, operationsOf, serverOf } from "../clouds/aws.ts";
import { states } from "../kit.ts";
import type { Id, Provider, Target } from "../provider.ts";

const operation = operationsOf("AWSStepFunctions", "1.0");

/** The execution is in the region of its ARN and in no other. */
function regionOf(arn: string): { region?: string } {
  const region = /^arn:[^:]{1,20}:states:([a-z0-9-]{1,40}):/.exec(arn.slice(0, 100))?.[1];
  return region === undefined ? {} : { region };
}

const executionArn: Id = {
  // A child of a map run has its label behind the state machine's name.
  pattern:
    /arn:aws[a-z-]{0,10}:states:[a-z0-9-]{1,40}:\d{12}:execution:[A-Za-z0-9_.@!()+='~-]{1,80}(?:\/[A-Za-z0-9_.@!()+='~-]{1,80})?:[A-Za-z0-9_.@!()+='~-]{1,80}/,
  help: "ARN of the execution",
  example: "arn:aws:states:eu-west-1:123456789012:execution:deploy-prod:0c5f7d2e-8a1b-4c3d-9e4f-5a6b7c8d9e0f",
  hint: "executions of express workflows (`:express:`) cannot be stopped",
  unique: true,
  says: regionOf,
};

/** Older pages are without `v2`, and the slash of an ARN may be written as it is. */
function canonicalPage(address: string): string {
  const [before = "", arn] = address.split("/executions/details/", 2);
  if (arn === undefined) return address;
  return `${before.replace(/#$/, "#/v2")}/executions/details/${arn.replaceAll("/", "%2F")}`;
}

const execution: Target = {
  ids: { "execution-arn": executionArn },
  pages: consolePages("/states/home#/v2/executions/details/{execution-arn}"),
  permissions: {
    look: "`states:DescribeExecution`",
    cancel: "`states:StopExecution`",
    docs: "https://docs.aws.amazon.com/service-authorization/latest/reference/list_stepfunctions.html",
  },
  look: {
    // What goes in and comes out may be secret, and encrypted with a key that the credential may not use.
    ...operation("DescribeExecution", { executionArn: "{execution-arn}", includedData: "METADATA_ONLY" }),
    state: "status",
    name: "name",
    // A run that has ended may be redriven, by the same ARN.
    attempt: "redriveCount",
    shows: { "execution-arn": "executionArn" },
    record: { "state-machine": "stateMachineArn", error: "error", cause: "cause" },
  },
  cancel: {
    ...operation("StopExecution", { executionArn: "{execution-arn}", error: "Cancelled", cause: "{reason:32768}" }),
    // The execution's own role encrypts the two; where it cannot, the execution is stopped without them.
    otherwise: { on: /^Kms/, ...operation("StopExecution", { executionArn: "{execution-arn}" }) },
  },
};

export const awsStepFunctions = {
  name: "AWS Step Functions",
  docs: "https://docs.aws.amazon.com/step-functions/latest/apireference/API_StopExecution.html",
  rights:
    "An identity with `states:DescribeExecution` and `states:StopExecution` for the executions of the state machine.",
  whoami: [callerIdentity],
  server: { ...serverOf("states", "SFN"), canonicalPage },
  auth: authOf("states"),
  errors: { ...commonErrors, notFound: /^ExecutionDoesNotExist$/ },
  states: states({
    // `PENDING_REDRIVE`: a child of a map run that will be started again.
    queued: ["PENDING_REDRIVE"],
    running: ["RUNNING"],
    cancelled: ["ABORTED"],
    succeeded: ["SUCCEEDED"],
    failed: ["FAILED", "TIMED_OUT"],
  }),
  targets: { execution },
  unverified: [
    "What the stop of an execution answers that is over (a server of moto's answers 200): a look decides.",
    "Names with characters other than letters, digits and `_.@!()+='~-`, which AWS takes, are not taken.",
    "A map run has no stop call: its execution is what is stopped.",
    "Whether jobs of other services, which the execution waits for, are stopped with it.",
  ],
} satisfies Provider;
