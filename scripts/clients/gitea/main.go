// Calls Gitea's own Go client once for each thing that we do and it can; ../gitea.mjs records what it sends.
// Each call is announced on stdout, one line of JSON. It has no call that cancels.
package main

import (
	"encoding/json"
	"os"

	"code.gitea.io/sdk/gitea"
)

func main() {
	client, err := gitea.NewClient(os.Args[1], gitea.SetToken("TOKEN"))
	if err != nil {
		panic(err)
	}
	const owner, repository = "octo", "deploy"
	within := map[string]string{"repository": "octo/deploy"}
	run := map[string]string{"repository": "octo/deploy", "run-id": "7"}
	page := gitea.ListOptions{Page: 1, PageSize: 50}

	announce("look", "GetRepoActionRun", run, nil)
	client.GetRepoActionRun(owner, repository, 7)
	announce("list", "ListRepoActionRuns", within, map[string]string{
		"branch": "main", "commit": sha, "event": "push", "state": "in_progress",
	})
	client.ListRepoActionRuns(owner, repository, gitea.ListRepoActionRunsOptions{
		ListOptions: page, Branch: "main", HeadSHA: sha, Event: "push", Status: "in_progress",
	})
	announce("jobs", "ListRepoActionRunJobs", run, nil)
	client.ListRepoActionRunJobs(owner, repository, 7, gitea.ListRepoActionJobsOptions{ListOptions: page})
	announce("pull", "GetPullRequest", within, map[string]string{"pull-request": "12"})
	client.GetPullRequest(owner, repository, 12)
	announce("tag", "GetTag", within, map[string]string{"branch": "release/1"})
	client.GetTag(owner, repository, "release/1")
}

const sha = "38b26b42c7eb915f357f6a5b1b32aed531f7f298"

func announce(does, call string, ids, values map[string]string) {
	json.NewEncoder(os.Stdout).Encode(map[string]any{
		"target": "run", "does": does, "call": call, "ids": ids, "values": values,
	})
}
