package cli

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"sluice/config"
)

// formatter is sluice fmt.
type formatter struct {
	*app
	check, list, write bool
	changed            bool
}

func (a *app) fmtCommand() *cobra.Command {
	f := &formatter{app: a}
	cmd := &cobra.Command{
		Use:   "fmt [FILE | DIRECTORY | -]",
		Short: "Writes the configuration in the usual form",
		Long: `Writes the configuration in the usual form: the files of the directory, one
file, or with - what comes on standard input, to standard output.
It needs no connection and no secret.`,
		Args: oneFile,
		RunE: func(_ *cobra.Command, args []string) error { return f.run(args) },
	}
	cmd.Flags().BoolVar(&f.check, "check", false, "change nothing; exit with 3 where something is not in the usual form")
	cmd.Flags().BoolVar(&f.list, "list", true, "list the files that are not in the usual form")
	cmd.Flags().BoolVar(&f.write, "write", true, "write the files")
	return cmd
}

func (f *formatter) run(args []string) error {
	if len(args) == 1 && args[0] == "-" {
		return f.stream()
	}
	files, err := f.files(args)
	if err != nil {
		return err
	}
	for _, file := range files {
		if err := f.file(file); err != nil {
			return err
		}
	}
	return f.verdict()
}

func (f *formatter) verdict() error {
	if f.check && f.changed {
		return quiet(exitConflicts)
	}
	return nil
}

func (f *formatter) stream() error {
	text, err := io.ReadAll(f.in)
	if err != nil {
		return fmt.Errorf("reading standard input: %w", err)
	}
	formatted := config.Format(text)
	f.changed = !bytes.Equal(text, formatted)
	if f.check {
		return f.verdict()
	}
	_, err = f.out.Write(formatted)
	return err
}

// files are those to format: the one that is named, or those of the directory.
func (f *formatter) files(args []string) ([]string, error) {
	dir := f.dir
	if len(args) == 1 {
		info, err := os.Stat(args[0])
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			return args, nil
		}
		dir = args[0]
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var files []string
	for _, e := range entries {
		if name := e.Name(); !e.IsDir() && (strings.HasSuffix(name, ".sluice.hcl") || strings.HasSuffix(name, ".vars.hcl")) {
			files = append(files, filepath.Join(dir, name))
		}
	}
	return files, nil
}

func (f *formatter) file(name string) error {
	info, err := os.Stat(name)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	formatted := config.Format(text)
	if bytes.Equal(text, formatted) {
		return nil
	}
	f.changed = true
	if f.list {
		if _, err := fmt.Fprintln(f.out, name); err != nil {
			return err
		}
	}
	if f.check || !f.write {
		return nil
	}
	return os.WriteFile(name, formatted, info.Mode().Perm())
}
