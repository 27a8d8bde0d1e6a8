package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/json"
)

// largestFile is far above what people write, and bounds what a parser that
// recurses can be made to do.
const largestFile = 4 << 20

// input is the text that one Load works on, in the order in which it counts:
// the configuration, then files of values, the later ones stronger.
type input struct {
	files  []namedText
	values []namedText
}

type namedText struct {
	name string
	text []byte
}

// read collects the files of in. What cannot be read is reported.
func (l *loader) read(in Input) input {
	entries, err := os.ReadDir(in.Dir)
	if err != nil {
		l.report.error(hcl.Range{}, "Configuration directory cannot be read", cannotRead(in.Dir, err)+" "+demoHint)
		return input{}
	}
	var got input
	var names, values []string
	for _, e := range entries { // in order of name
		switch name := e.Name(); {
		case e.IsDir() || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "#"):
		case strings.HasSuffix(name, ".sluice.hcl") || strings.HasSuffix(name, ".sluice.json"):
			names = append(names, name)
		case name == "sluice.vars.hcl":
			values = slices.Insert(values, 0, name)
		case strings.HasSuffix(name, ".auto.vars.hcl"):
			values = append(values, name)
		}
	}
	if len(names) == 0 {
		l.report.error(hcl.Range{}, "No configuration here", noFiles(in.Dir, entries))
	}
	got.files = l.readAll(in.Dir, names)
	got.values = append(l.readAll(in.Dir, values), l.readAll("", in.VarFiles)...)
	return got
}

func (l *loader) readAll(dir string, names []string) []namedText {
	var got []namedText
	for _, name := range names {
		text, err := readBounded(filepath.Join(dir, name))
		if err != nil {
			l.report.error(hcl.Range{}, "File cannot be read", cannotRead(name, err))
			continue
		}
		got = append(got, namedText{name: name, text: text})
	}
	return got
}

func readBounded(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() && info.Mode()&fs.ModeNamedPipe == 0 {
		return nil, errors.New("this is not a file")
	}
	if info.Size() > largestFile {
		return nil, fmt.Errorf("it is larger than %s", Bytes(largestFile))
	}
	return os.ReadFile(path)
}

const demoHint = "`sluice init` writes a first configuration, and `sluice demo` shows an example at work."

// noFiles says which directory has no configuration, and what is near to one.
func noFiles(dir string, entries []fs.DirEntry) string {
	text := fmt.Sprintf("The directory %q has no file that ends in .sluice.hcl or .sluice.json.", dir)
	for _, e := range entries {
		name, found := strings.CutSuffix(e.Name(), ".hcl")
		if found && !e.IsDir() && !strings.HasSuffix(name, ".vars") && name != "" {
			return fmt.Sprintf("%s There is %s: if that is meant, name it %s.sluice.hcl.", text, e.Name(), name)
		}
	}
	return text + " " + demoHint
}

// parse parses one file in the syntax its name asks for, and keeps its text
// for diagnostics. The body is never nil; of a broken file it is what could be
// understood.
func (l *loader) parse(f namedText, values bool) hcl.Body {
	src := &source{text: f.text, values: values}
	l.sources.files[f.name] = src
	isJSON := strings.HasSuffix(f.name, ".json")
	if at, deep := tooDeep(f.name, f.text, isJSON); deep {
		l.report.error(at, "Too deep", "Expressions are nested too deeply here. Split them with locals.")
		l.broken = true
		return hcl.EmptyBody()
	}
	parser := hclsyntax.ParseConfig
	if isJSON {
		parser = func(text []byte, name string, _ hcl.Pos) (*hcl.File, hcl.Diagnostics) { return json.Parse(text, name) }
	}
	file, diags := parser(f.text, f.name, hcl.InitialPos)
	l.report.add(diags)
	l.broken = l.broken || diags.HasErrors()
	if file == nil || file.Body == nil {
		return hcl.EmptyBody()
	}
	src.file = file
	return file.Body
}

// cannotRead is an error of the file system as a sentence about the file.
func cannotRead(name string, err error) string {
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		err = path.Err
	}
	return fmt.Sprintf("%q: %v.", name, err)
}
