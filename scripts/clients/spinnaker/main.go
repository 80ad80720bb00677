// What Spinnaker's own client sends for each call: go run . SERVER ID REASON. See ../spinnaker.mjs.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/antihax/optional"
	gate "recorded/gateapi"
)

func main() {
	server, id, reason := os.Args[1], os.Args[2], os.Args[3]
	client := gate.NewAPIClient(&gate.Configuration{BasePath: server, DefaultHeader: map[string]string{}})
	ctx := context.WithValue(context.Background(), gate.ContextAccessToken, "TOKEN")
	if _, _, err := client.PipelineControllerApi.GetPipelineUsingGET(ctx, id); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	options := &gate.PipelineControllerApiCancelPipelineUsingPUT1Opts{
		Force:  optional.NewBool(false),
		Reason: optional.NewString(reason),
	}
	if _, err := client.PipelineControllerApi.CancelPipelineUsingPUT1(ctx, id, options); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
}
