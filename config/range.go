package config

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
)

// Range is a place in a file of the configuration. Lines and columns start at
// 1; columns count characters as they appear (grapheme clusters), and the end
// is exclusive. Line 0 is nowhere: the problem belongs to no file.
type Range struct {
	File                             string // as in the directory: shop.sluice.hcl
	Line, Column, EndLine, EndColumn int
}

// String is the place as a plan shows it: "shop.sluice.hcl:94".
func (r Range) String() string {
	if r.Line == 0 {
		return r.File
	}
	return fmt.Sprintf("%s:%d", r.File, r.Line)
}

// less orders places by file, then position; nowhere comes first.
func (r Range) less(o Range) bool {
	switch {
	case r.File != o.File:
		return r.File < o.File
	case r.Line != o.Line:
		return r.Line < o.Line
	case r.Column != o.Column:
		return r.Column < o.Column
	case r.EndLine != o.EndLine:
		return r.EndLine < o.EndLine
	}
	return r.EndColumn < o.EndColumn
}

func rangeOf(r hcl.Range) Range {
	return Range{
		File: r.Filename,
		Line: r.Start.Line, Column: r.Start.Column,
		EndLine: r.End.Line, EndColumn: r.End.Column,
	}
}
