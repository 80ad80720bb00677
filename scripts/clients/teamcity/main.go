package main

import (
	"context"
	"os"

	"github.com/JetBrains/teamcity-cli/api"
)

func main() {
	client := api.NewClient(os.Args[1], "TOKEN")
	_, _ = client.GetBuild(context.Background(), "4711")
	_ = client.CancelBuild("4711", os.Args[2])
	_ = client.CancelBuild("4712", os.Args[2])
	_, _, _ = client.GetBuilds(context.Background(), api.BuildsOptions{BuildTypeID: "Shop_Deploy", State: "running"})
	_, _ = client.GetBuildSnapshotDependencies("4711")
	_, _ = client.GetCurrentUser()
}
