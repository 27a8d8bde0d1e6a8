package planner

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// appendPlain appends a value as JSON, as the library writes it. It is for the
// steps, of which there are tens of thousands, each written twice.
//
// Depth is that of the line the value begins on, two spaces each, or compact.
type appendPlain func(text []byte, value reflect.Value, depth int) []byte

// compact is the depth of JSON that is on one line.
const compact = -1

// appendStep writes a Step.
var appendStep = plainJSON(reflect.TypeFor[Step]())

// plainJSON finds out once how values of a type are written. What is rare is left
// to the library.
func plainJSON(of reflect.Type) appendPlain {
	switch of.Kind() {
	case reflect.String:
		return func(text []byte, value reflect.Value, _ int) []byte { return appendString(text, value.String()) }
	case reflect.Bool:
		return func(text []byte, value reflect.Value, _ int) []byte { return strconv.AppendBool(text, value.Bool()) }
	case reflect.Int, reflect.Int16:
		return func(text []byte, value reflect.Value, _ int) []byte { return strconv.AppendInt(text, value.Int(), 10) }
	case reflect.Struct:
		return plainStruct(of)
	case reflect.Slice:
		return plainList(plainJSON(of.Elem()))
	case reflect.Pointer:
		element := plainJSON(of.Elem())
		return func(text []byte, value reflect.Value, depth int) []byte {
			if value.IsNil() {
				return append(text, "null"...)
			}
			return element(text, value.Elem(), depth)
		}
	}
	return func(text []byte, value reflect.Value, depth int) []byte {
		return appendAny(text, value.Interface(), depth)
	}
}

func plainStruct(of reflect.Type) appendPlain {
	type member struct {
		index     int
		name      string // as it stands in the text
		omitEmpty bool
		append    appendPlain
	}
	var members []member
	for i := range of.NumField() {
		name, option, _ := strings.Cut(of.Field(i).Tag.Get("json"), ",")
		switch name {
		case "-":
			continue
		case "":
			name = of.Field(i).Name
		}
		members = append(members, member{i, `"` + name + `":`, option == "omitempty", plainJSON(of.Field(i).Type)})
	}
	return func(text []byte, value reflect.Value, depth int) []byte {
		text = append(text, '{')
		empty := true
		for _, m := range members {
			field := value.Field(m.index)
			if m.omitEmpty && isEmpty(field) {
				continue
			}
			if !empty {
				text = append(text, ',')
			}
			empty = false
			text = append(appendLine(text, depth, 1), m.name...)
			if depth != compact {
				text = append(text, ' ')
			}
			text = m.append(text, field, deeper(depth))
		}
		if !empty {
			text = appendLine(text, depth, 0)
		}
		return append(text, '}')
	}
}

func plainList(element appendPlain) appendPlain {
	return func(text []byte, value reflect.Value, depth int) []byte {
		if value.IsNil() {
			return append(text, "null"...)
		}
		text = append(text, '[')
		for i := range value.Len() {
			if i > 0 {
				text = append(text, ',')
			}
			text = element(appendLine(text, depth, 1), value.Index(i), deeper(depth))
		}
		if value.Len() > 0 {
			text = appendLine(text, depth, 0)
		}
		return append(text, ']')
	}
}

func deeper(depth int) int {
	if depth == compact {
		return compact
	}
	return depth + 1
}

// blank is the longest beginning of a line.
const blank = "\n                                "

// appendLine begins a line that is this much deeper.
func appendLine(text []byte, depth, more int) []byte {
	if depth == compact {
		return text
	}
	return append(text, blank[:1+2*(depth+more)]...)
}

// isEmpty is what omitempty leaves out.
func isEmpty(value reflect.Value) bool {
	if kind := value.Kind(); kind == reflect.Slice || kind == reflect.Map {
		return value.Len() == 0
	}
	return value.Kind() != reflect.Struct && value.IsZero()
}

// appendString leaves all that is not ASCII, and control characters but for ends
// of lines, to the library.
func appendString(text []byte, s string) []byte {
	start, done := len(text), 0
	text = append(text, '"')
	for i := range len(s) {
		c := s[i]
		switch {
		case c == '"' || c == '\\':
			text = append(append(text, s[done:i]...), '\\', c)
			done = i + 1
		case c == '\n':
			text = append(append(text, s[done:i]...), '\\', 'n')
			done = i + 1
		case c < ' ' || c > '~':
			return appendAny(text[:start], s, compact)
		}
	}
	return append(append(text, s[done:]...), '"')
}

func appendAny(text []byte, value any, depth int) []byte {
	options := readable
	if depth != compact {
		options = json.JoinOptions(readable, jsontext.WithIndentPrefix(blank[1:1+2*depth]), jsontext.WithIndent("  "))
	}
	written, err := json.Marshal(value, options)
	if err != nil {
		panic(fmt.Sprintf("planner: %v", err)) // a plan holds plain values only
	}
	return append(text, written...)
}
