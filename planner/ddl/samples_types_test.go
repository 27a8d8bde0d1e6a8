package ddl

import "sluice/planner/catalog"

// hostileFunction is how a Spec holds a function whose name is hostile.
var hostileFunction = catalog.Name{Schema: hostile, Local: hostile}.SQL()

func compositeSamples() []sample {
	return []sample{
		{"composite type", 0, catalog.Object{ID: in("public", catalog.KindType, "pair"), Comment: "two of them", Spec: &catalog.Composite{
			Attributes: []catalog.Attribute{
				{Name: "a", Type: "numeric(10,2)", Comment: "the first"},
				{Name: "b", Type: "text", Collation: `"pg_catalog"."C"`},
			}}}},
		{"hostile", 0, catalog.Object{ID: in(hostile, catalog.KindType, hostile), Comment: hostile, Spec: &catalog.Composite{
			Attributes: []catalog.Attribute{{Name: hostile, Type: "integer[]", Comment: hostile}}}}},
		{"no attributes", 0, catalog.Object{ID: in("public", catalog.KindType, "nothing"), Comment: "empty", Spec: &catalog.Composite{}}},
		{"shell type", 0, catalog.Object{ID: in("public", catalog.KindType, "shell"), Comment: "not yet", Spec: &catalog.Shell{}}},
	}
}

func rangeSamples() []sample {
	everything := &catalog.Range{
		Subtype: "text", OperatorClass: `"pg_catalog"."text_pattern_ops"`, Collation: `"pg_catalog"."C"`,
		Canonical: hostileFunction, SubtypeDiff: hostileFunction, Multirange: catalog.Name{Schema: hostile, Local: hostile},
	}
	return []sample{
		{"plain", 0, catalog.Object{ID: in("public", catalog.KindType, "span"), Spec: &catalog.Range{Subtype: "timestamp without time zone"}}},
		{"every option, hostile", 0, catalog.Object{ID: in(hostile, catalog.KindType, hostile), Comment: hostile, Spec: everything}},
		{"a multirange's name before 14", 130000, catalog.Object{ID: in("public", catalog.KindType, "span"), Spec: everything}},
	}
}

func baseSamples() []sample {
	empty, text := "", hostile
	return []sample{
		{"variable length, without a default", 0, catalog.Object{ID: in("public", catalog.KindType, "t"), Comment: "a type", Spec: &catalog.Base{
			Input: `"public"."t_in"`, Output: `"public"."t_out"`, Length: -1, Alignment: "int4", Storage: "extended", Category: "U", Delimiter: ","}}},
		{"by value, an empty default", 0, catalog.Object{ID: in("public", catalog.KindType, "t"), Spec: &catalog.Base{
			Input: `"public"."t_in"`, Output: `"public"."t_out"`, Length: 4, ByValue: true, Alignment: "int4", Storage: "plain",
			Category: "U", Delimiter: ",", Default: &empty}}},
		{"everything, hostile", 0, catalog.Object{ID: in(hostile, catalog.KindType, hostile), Comment: hostile, Spec: &catalog.Base{
			Input: hostileFunction, Output: hostileFunction, Receive: hostileFunction, Send: hostileFunction, ModifierIn: hostileFunction,
			ModifierOut: hostileFunction, Analyze: hostileFunction, Subscript: hostileFunction, Length: 16, Alignment: "double",
			Storage: "main", Category: "'", Preferred: true, Default: &text, Element: "double precision", Delimiter: `\`, Collatable: true}}},
	}
}

func domainSamples() []sample {
	named := &catalog.Domain{Type: "integer", NotNull: true, NotNullName: hostile, NotNullComment: hostile}
	return []sample{
		{"named not null", 0, catalog.Object{ID: in("public", catalog.KindDomain, hostile), Spec: named}},
		{"named not null before 17, which has no comment", 160000, catalog.Object{ID: in("public", catalog.KindDomain, "d"), Spec: named}},
	}
}

func collationSamples() []sample {
	return []sample{
		{"libc", 0, catalog.Object{ID: in("public", catalog.KindCollation, "c"), Comment: "bytes", Spec: &catalog.Collation{
			Provider: "libc", Collate: "C", Ctype: "C", Deterministic: true}}},
		{"libc, two locales, hostile", 0, catalog.Object{ID: in(hostile, catalog.KindCollation, hostile), Comment: hostile, Spec: &catalog.Collation{
			Provider: "libc", Collate: hostile, Ctype: "POSIX", Deterministic: true}}},
		{"icu with everything", 0, catalog.Object{ID: in("public", catalog.KindCollation, "c"), Spec: &catalog.Collation{
			Provider: "icu", Locale: "und-u-ks-level2", Rules: "&a < 'g'", Version: "153.80"}}},
		{"the server's own", 0, catalog.Object{ID: in("public", catalog.KindCollation, "c"), Spec: &catalog.Collation{
			Provider: "builtin", Locale: "C.UTF-8", Deterministic: true}}},
		{"conversion", 0, catalog.Object{ID: in("public", catalog.KindConversion, "c"), Comment: "to text", Spec: &catalog.Conversion{
			Source: "LATIN1", Destination: "UTF8", Function: `"pg_catalog"."iso8859_1_to_utf8"`}}},
		{"default conversion, hostile", 0, catalog.Object{ID: in(hostile, catalog.KindConversion, hostile), Comment: hostile, Spec: &catalog.Conversion{
			Source: "UTF8", Destination: "LATIN1", Function: hostileFunction, Default: true}}},
	}
}

func castSamples() []sample {
	cast := func(method, function, context, comment string) catalog.Object {
		return catalog.Object{ID: catalog.ID{Kind: catalog.KindCast, Name: `public."a b" as text[]`}, Comment: comment,
			Spec: &catalog.Cast{Source: `public."a b"`, Target: "text[]", Method: method, Function: function, Context: context}}
	}
	return []sample{
		{"by a function", 0, cast("function", hostileFunction+"(integer, boolean)", "explicit", hostile)},
		{"by text", 0, cast("inout", "", "assignment", "")},
		{"of the same bytes", 0, cast("binary", "", "implicit", "")},
	}
}

func languageSamples() []sample {
	transform := func(from, to string) catalog.Object {
		return catalog.Object{ID: catalog.ID{Kind: catalog.KindTransform, Name: `public."a b"`, Args: hostile}, Comment: hostile,
			Spec: &catalog.Transform{Type: `public."a b"`, Language: hostile, FromSQL: from, ToSQL: to}}
	}
	return []sample{
		{"language", 0, catalog.Object{ID: catalog.ID{Kind: catalog.KindLanguage, Name: "pl"}, Comment: "spoken",
			Spec: &catalog.Language{Handler: `"public"."pl_handler"`}}},
		{"language with everything, hostile", 0, catalog.Object{ID: catalog.ID{Kind: catalog.KindLanguage, Name: hostile}, Comment: hostile,
			Spec: &catalog.Language{Trusted: true, Handler: hostileFunction, Inline: hostileFunction, Validator: hostileFunction}}},
		{"transform", 0, transform(hostileFunction+"(internal)", hostileFunction+"(internal)")},
		{"transform one way", 0, transform("", hostileFunction+"(internal)")},
		{"index access method", 0, catalog.Object{ID: catalog.ID{Kind: catalog.KindAccessMethod, Name: hostile}, Comment: hostile,
			Spec: &catalog.AccessMethod{Type: "index", Handler: hostileFunction}}},
		{"table access method", 0, catalog.Object{ID: catalog.ID{Kind: catalog.KindAccessMethod, Name: "heap2"},
			Spec: &catalog.AccessMethod{Type: "table", Handler: `"pg_catalog"."heap_tableam_handler"`}}},
		{"function in C", 0, catalog.Object{ID: in("public", catalog.KindFunction, "f"), Spec: &catalog.Function{Language: "c", Library: "lib",
			Definition: "CREATE OR REPLACE FUNCTION public.f()\n RETURNS integer\n LANGUAGE c\nAS '$libdir/lib', $function$f$function$\n"}}},
	}
}

func textSearchSamples() []sample {
	return []sample{
		{"parser", 0, catalog.Object{ID: in("public", catalog.KindParser, "p"), Comment: "cuts", Spec: &catalog.Parser{
			Start: `"public"."start"`, Token: `"public"."token"`, End: `"public"."end"`, LexTypes: `"public"."types"`}}},
		{"parser with everything, hostile", 0, catalog.Object{ID: in(hostile, catalog.KindParser, hostile), Comment: hostile, Spec: &catalog.Parser{
			Start: hostileFunction, Token: hostileFunction, End: hostileFunction, LexTypes: hostileFunction, Headline: hostileFunction}}},
		{"template", 0, catalog.Object{ID: in("public", catalog.KindTemplate, "t"), Spec: &catalog.Template{Lexize: `"public"."lexize"`}}},
		{"template with everything, hostile", 0, catalog.Object{ID: in(hostile, catalog.KindTemplate, hostile), Comment: hostile, Spec: &catalog.Template{
			Init: hostileFunction, Lexize: hostileFunction}}},
		{"dictionary", 0, catalog.Object{ID: in("public", catalog.KindDictionary, "d"), Spec: &catalog.Dictionary{Template: `"pg_catalog"."simple"`}}},
		{"dictionary with options, hostile", 0, catalog.Object{ID: in(hostile, catalog.KindDictionary, hostile), Comment: hostile, Spec: &catalog.Dictionary{
			Template: hostileFunction, Options: "language = 'german', stopwords = 'it''s'"}}},
		{"configuration without mappings", 0, catalog.Object{ID: in("public", catalog.KindConfiguration, "c"), Spec: &catalog.Configuration{
			Parser: `"pg_catalog"."default"`}}},
		{"configuration, hostile", 0, catalog.Object{ID: in(hostile, catalog.KindConfiguration, hostile), Comment: hostile, Spec: &catalog.Configuration{
			Parser: hostileFunction, Mappings: []catalog.TokenMapping{
				{Token: "word", Dictionaries: []string{`"pg_catalog"."simple"`}},
				{Token: hostile, Dictionaries: []string{hostileFunction, `"pg_catalog"."simple"`}},
			}}}},
	}
}
