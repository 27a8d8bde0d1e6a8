package config

import "github.com/hashicorp/hcl/v2/hclwrite"

// Format returns a file of the native syntax in its canonical layout. It looks
// at tokens only, so what does not parse is laid out as far as it goes, and
// comments stay.
func Format(src []byte) []byte { return hclwrite.Format(src) }
