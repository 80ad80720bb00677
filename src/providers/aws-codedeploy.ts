// https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_StopDeployment.html
import { authOf, callerIdentity, commonErrors, consolePages, operationsOf, serverOf } from "../clouds/aws.ts";
import { states } from "../kit.ts";
import type { Call, Context, Json, Provider, Reply, Target } from "../provider.ts";

const operation = operationsOf("CodeDeploy_20141006", "1.1");

const lookAtDeployment = operation("GetDeployment", { deploymentId: "{deployment-id}" });

function lookAtRollback(deployment: string): Call {
  return operation("GetDeployment", { deploymentId: deployment });
}

/** A deployment that was stopped may be rolled back by another one, which it names: until that one is over, what was deployed is not. */
async function withRollback({ send }: Context): Promise<Reply> {
  const reply = await send(lookAtDeployment);
  const { status, rollbackInfo } = reply.body?.deploymentInfo ?? {};
  const rollback: unknown = rollbackInfo?.rollbackDeploymentId;
  if (status !== "Stopped" || typeof rollback !== "string" || !/^d-[A-Z0-9]{1,20}$/.test(rollback)) return reply;
  const { body } = await send(lookAtRollback(rollback));
  return { ...reply, body: { ...reply.body, rollback: body?.deploymentInfo?.status ?? "unknown" } };
}

/** `Stopped` alone where nothing is rolled back, and where that has succeeded. */
function stateOf({ deploymentInfo: { status }, rollback }: Json): string | undefined {
  return rollback === undefined || rollback === "Succeeded" ? status : `${status}, roll-back ${rollback}`;
}

const deployment: Target = {
  ids: {
    "deployment-id": {
      pattern: /d-[A-Z0-9]{9}/,
      help: "id of the deployment",
      example: "d-A1B2C3D4E",
      unique: true,
    },
  },
  pages: consolePages("/codesuite/codedeploy/deployments/{deployment-id}"),
  permissions: {
    look: "`codedeploy:GetDeployment`",
    cancel: "`codedeploy:StopDeployment`; AWS's list names `codedeploy:CreateCloudFormationDeployment` beside it",
    docs: "https://docs.aws.amazon.com/service-authorization/latest/reference/list_codedeploy.html",
  },
  look: {
    ask: withRollback,
    calls: [lookAtDeployment, lookAtRollback("{rollback-deployment-id}")],
    state: stateOf,
    name: "deploymentInfo.applicationName",
    shows: { "deployment-id": "deploymentInfo.deploymentId" },
    record: {
      group: "deploymentInfo.deploymentGroupName",
      rollback: "deploymentInfo.rollbackInfo.rollbackDeploymentId",
      "rollback-status": "rollback",
      "rollback-message": "deploymentInfo.rollbackInfo.rollbackMessage",
    },
  },
  // `autoRollbackEnabled` is left out: whether it is rolled back is for its own configuration to say.
  cancel: operation("StopDeployment", { deploymentId: "{deployment-id}" }),
};

export const awsCodedeploy = {
  name: "AWS CodeDeploy",
  docs: "https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_StopDeployment.html",
  rights:
    "An identity with `codedeploy:GetDeployment` and `codedeploy:StopDeployment` for the deployment group. A roll-back needs `codedeploy:CreateDeployment`, too.",
  whoami: [callerIdentity],
  server: serverOf("codedeploy", "CODEDEPLOY"),
  auth: authOf("codedeploy"),
  errors: {
    ...commonErrors,
    notFound: /^DeploymentDoesNotExistException$/,
    // Also of one that is being rolled back; a look tells it from one that has ended by itself.
    already: /^DeploymentAlreadyCompletedException$/,
  },
  states: states({
    queued: ["Created", "Queued"],
    running: ["InProgress", "Baking"],
    // A blue/green deployment that waits for somebody to let it go on.
    blocked: ["Ready"],
    cancelling: ["Created", "Queued", "InProgress", "Baking", "Ready"].map((word) => `Stopped, roll-back ${word}`),
    cancelled: ["Stopped"],
    succeeded: ["Succeeded"],
    failed: ["Failed", "Stopped, roll-back Failed", "Stopped, roll-back Stopped"],
  }),
  targets: { deployment },
  unverified: [
    "Which stop needs `codedeploy:CreateCloudFormationDeployment`, too: AWS's list of actions does not say.",
    "The page without a region in its host is what AWS's own action for ECS prints; with the region in its host it is known from third-party code only.",
    "That without `autoRollbackEnabled` the deployment's own configuration decides (its event `DEPLOYMENT_STOP_ON_REQUEST`): no document says what leaving it out means.",
    "Whether a deployment names its roll-back in the very reply that first calls it `Stopped`: one that is named later is not waited for.",
    "What the stop of a deployment answers that is stopped and being rolled back.",
    "Blue/green deployments that are past the point where they can be stopped: what the server says is shown.",
    "Deployments cannot be selected: the list has ids alone.",
  ],
} satisfies Provider;
