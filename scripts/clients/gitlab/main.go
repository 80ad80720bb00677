// Calls GitLab's own Go client once for each thing that we do; ../gitlab.mjs records what it sends.
// Each call is announced on stdout, one line of JSON.
package main

import (
	"encoding/json"
	"os"

	gitlab "gitlab.com/gitlab-org/api/client-go/v2"
)

func main() {
	client, err := gitlab.NewClient("TOKEN", gitlab.WithBaseURL(os.Args[1]), gitlab.WithoutRetries())
	if err != nil {
		panic(err)
	}
	const project = "platform/deploy"
	job := map[string]string{"project": project, "job-id": "4711"}
	pipeline := map[string]string{"project": project, "pipeline-id": "1215"}
	within := map[string]string{"project": project}
	page := gitlab.ListOptions{PerPage: 100}

	announce("job", "look", "Jobs.GetJob", job, nil)
	client.Jobs.GetJob(project, 4711)
	announce("job", "cancel", "Jobs.CancelJob", job, nil)
	client.Jobs.CancelJob(project, 4711)
	announce("job", "force", "Jobs.CancelJobWithOptions(Force)", job, nil)
	client.Jobs.CancelJobWithOptions(project, 4711, &gitlab.CancelJobOptions{Force: gitlab.Ptr(true)})

	announce("pipeline", "look", "Pipelines.GetPipeline", pipeline, nil)
	client.Pipelines.GetPipeline(project, 1215)
	announce("pipeline", "cancel", "Pipelines.CancelPipelineBuild", pipeline, nil)
	client.Pipelines.CancelPipelineBuild(project, 1215)
	announce("pipeline", "list", "Pipelines.ListProjectPipelines", within, map[string]string{
		"branch": "main", "commit": sha, "event": "push", "workflow": "Deploy", "state": "running",
	})
	client.Pipelines.ListProjectPipelines(project, &gitlab.ListProjectPipelinesOptions{
		ListOptions: page,
		Ref:         gitlab.Ptr("main"),
		SHA:         gitlab.Ptr(sha),
		Source:      gitlab.Ptr("push"),
		Name:        gitlab.Ptr("Deploy"),
		Status:      gitlab.Ptr(gitlab.Running),
	})
	announce("pipeline", "jobs", "Jobs.ListPipelineJobs", pipeline, nil)
	client.Jobs.ListPipelineJobs(project, 1215, &gitlab.ListJobsOptions{ListOptions: page})
	announce("pipeline", "downstream", "Jobs.ListPipelineBridges", pipeline, nil)
	client.Jobs.ListPipelineBridges(project, 1215, &gitlab.ListJobsOptions{ListOptions: page})
	announce("pipeline", "pull", "MergeRequests.ListMergeRequestPipelines", within, map[string]string{"pull-request": "12"})
	client.MergeRequests.ListMergeRequestPipelines(project, 12)
	announce("pipeline", "tag", "Tags.GetTag", within, map[string]string{"branch": "release/1"})
	client.Tags.GetTag(project, "release/1")
}

const sha = "1f2e3d4c5b6a79880011223344556677889900aa"

func announce(target, does, call string, ids, values map[string]string) {
	json.NewEncoder(os.Stdout).Encode(map[string]any{
		"target": target, "does": does, "call": call, "ids": ids, "values": values,
	})
}
