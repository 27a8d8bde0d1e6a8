package view

import (
	"strings"
	"unicode/utf8"
)

// columns aligns rows of cells: each column as wide as its widest cell, two
// blanks apart. The cells of the columns in right are set to the right. No line
// ends in blanks.
func columns(rows [][]string, right map[int]bool) []string {
	var widths []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	lines := make([]string, len(rows))
	for r, row := range rows {
		var b strings.Builder
		for i, cell := range row {
			if widths[i] == 0 {
				continue
			}
			padding := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			if right[i] {
				cell, padding = padding+cell, ""
			}
			b.WriteString(cell + padding + "  ")
		}
		lines[r] = strings.TrimRight(b.String(), " ")
	}
	return lines
}
