package replay

import (
	"os"
	"testing"

	"sluice/examples/sandbox"
)

func TestMain(m *testing.M) { os.Exit(sandbox.Main(m)) }
