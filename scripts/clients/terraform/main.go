// Makes the calls that scripts/clients/terraform.py records, in its order.
package main

import (
	"context"
	"log"
	"os"

	tfe "github.com/hashicorp/go-tfe"
)

func main() {
	address, run, reason := os.Args[1], os.Args[2], os.Args[3]
	client, err := tfe.NewClient(&tfe.Config{Address: address, Token: "TOKEN"})
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	if _, err := client.Runs.Read(ctx, run); err != nil {
		log.Fatal(err)
	}
	for _, act := range []func() error{
		func() error { return client.Runs.Cancel(ctx, run, tfe.RunCancelOptions{Comment: &reason}) },
		func() error { return client.Runs.Discard(ctx, run, tfe.RunDiscardOptions{Comment: &reason}) },
		func() error { return client.Runs.ForceCancel(ctx, run, tfe.RunForceCancelOptions{Comment: &reason}) },
	} {
		if err := act(); err != nil {
			log.Fatal(err)
		}
	}
}
