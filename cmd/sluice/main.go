// Command sluice moves a live PostgreSQL database to another PostgreSQL.
package main

import (
	"os"

	"sluice/cmd/internal/cli"
)

func main() { os.Exit(cli.Main(os.Args[1:])) }
