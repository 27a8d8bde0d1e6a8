package config

import (
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"
)

// NotCarriedOut is the code of what the language has and this version of
// sluice refuses.
const NotCarriedOut = "C900"

// report collects the problems of one Load.
type report struct {
	diags hcl.Diagnostics
	key   string // the instance of for_each that is being decoded
	keyed bool

	quotable []string // sensitive values, which no message may quote
}

// extra is what we add to a diagnostic of HCL.
type extra struct {
	code  string
	key   string
	keyed bool
	drop  bool // a consequence of another problem, which is reported already
}

// add takes over diagnostics that HCL made.
func (r *report) add(diags hcl.Diagnostics) {
	for _, d := range diags {
		e, _ := d.Extra.(extra)
		if e.drop {
			continue
		}
		e.key, e.keyed = r.key, r.keyed
		d.Extra = e
		r.diags = append(r.diags, d)
	}
}

// error reports a problem at a place; the zero place is nowhere.
func (r *report) error(at hcl.Range, summary, detail string) {
	r.coded("", at, summary, detail)
}

func (r *report) coded(code string, at hcl.Range, summary, detail string) {
	d := &hcl.Diagnostic{Severity: hcl.DiagError, Summary: summary, Detail: detail, Extra: extra{code: code}}
	if at.Filename != "" {
		d.Subject = &at
	}
	r.add(hcl.Diagnostics{d})
}

// refuse reports a part of the language that is not carried out yet.
func (r *report) refuse(at hcl.Range, what string) {
	r.coded(NotCarriedOut, at, "Not carried out yet", fmt.Sprintf(
		"%s is not carried out yet by this version of sluice. Remove it; nothing else would be honest.", what))
}

// conceal takes the reasons out of diagnostics, because they may quote a
// sensitive value: HCL's functions put their arguments into their errors.
func conceal(diags hcl.Diagnostics) {
	for _, d := range diags {
		if e, ok := d.Extra.(extra); !ok || e.code == "" {
			d.Detail = "The reason is not shown: it could quote a sensitive value."
		}
	}
}

// redact is the second line behind conceal: it takes sensitive values out of
// a text as they are.
func (r *report) redact(text string) string {
	for _, value := range r.quotable {
		text = strings.ReplaceAll(text, value, concealedText)
	}
	return text
}
