package cli

import (
	"context"
	"strings"
	"time"

	"sluice/cmd/internal/connect"
	"sluice/config"
	"sluice/executor"
	"sluice/executor/alert"
	"sluice/executor/progress"
	"sluice/executor/session"
	"sluice/planner"
	"sluice/planner/catalog"
	"sluice/state"
	"sluice/state/postgres"
)

// This file turns a configuration into the options of each stage: nothing else
// knows both.

// sides are the two servers of a migration.
type sides struct{ source, target session.Server }

func (a *app) sides(c *config.Config, m config.Migration) sides {
	o := connect.Options{Dir: c.Dir, Environ: a.environ, Others: c.Servers()}
	return sides{source: connect.Server(m.Source, o), target: connect.Server(m.Target, o)}
}

// spec is what a migration declares, for the planner.
func spec(c *config.Config, m config.Migration) planner.Spec {
	return planner.Spec{
		Migration: m.Address,
		Place:     place(m.Range),
		Source:    planner.Declared{Ref: m.Source.Ref(), Place: place(m.Source.Range)},
		Target:    planner.Declared{Ref: m.Target.Ref(), Place: place(m.Target.Range)},
		Variables: variables(c),
		Stages:    planner.Stages(m.Stages),
		Reverse:   m.Cutover.Reverse,
		Include:   patterns(m.Include),
		Exclude:   patterns(m.Exclude),
		Kinds:     planner.Kinds{Words: m.Kinds.Words, Place: place(m.Kinds.Range)},
		Tables:    tables(m.Tables),
		Renames:   renames(m.Renames),
		Bodies:    bodies(m.Functions),
		Case:      nameCase(m.NameCase),
		Conflicts: planner.Conflicts{
			OnExisting:     planner.OnExisting(m.Conflicts.OnExisting),
			RowFull:        planner.RowRule(m.Conflicts.RowFull),
			RowIncremental: planner.RowRule(m.Conflicts.RowIncremental),
		},
		OnDivergence: planner.OnDivergence(m.Incremental.OnDivergence),

		Slot:     m.Incremental.Slot,
		Spool:    spoolDirectory(m.Incremental.Spool),
		Replace:  tableNames(m.Replace),
		Settings: settings(m),

		Owners:          m.Owners,
		Grants:          m.Grants,
		Roles:           m.Roles,
		KeepTablespaces: m.KeepTablespaces,
	}
}

// variables are shown in plans, so one that a url's password is made of keeps
// its value to itself, also where nobody has declared it sensitive.
func variables(c *config.Config) []planner.Variable {
	var out []planner.Variable
	for _, v := range c.Variables {
		value := v.Value
		if connect.Reveals(strings.Trim(value, `"`), c.Servers()) {
			value = "(sensitive value)"
		}
		out = append(out, planner.Variable{Name: v.Name, Value: value, Origin: v.Origin})
	}
	return out
}

func patterns(in []config.Pattern) []planner.Pattern {
	var out []planner.Pattern
	for _, p := range in {
		out = append(out, planner.Pattern{Text: p.Text, Parts: p.Parts, Place: place(p.Range)})
	}
	return out
}

func tables(in []config.Table) []planner.TableRule {
	var out []planner.TableRule
	for _, t := range in {
		out = append(out, planner.TableRule{
			Table:           catalog.Name{Schema: t.Schema, Local: t.Name},
			To:              catalog.Name{Schema: t.ToSchema, Local: t.To},
			Columns:         columns(t.Columns),
			Where:           sql(t.Where),
			Exclude:         t.ExcludeColumns,
			ReplicaIdentity: t.ReplicaIdentity,
			OnExisting:      planner.OnExisting(t.OnExisting),
			OnDivergence:    planner.OnDivergence(t.OnDivergence),
			Priority:        planner.Priority(t.Priority),
			Place:           place(t.Range),
		})
	}
	return out
}

func tableNames(in []config.TableName) []catalog.Name {
	var out []catalog.Name
	for _, n := range in {
		out = append(out, catalog.Name{Schema: n.Schema, Local: n.Name})
	}
	return out
}

func columns(in []config.Column) []planner.ColumnRule {
	var out []planner.ColumnRule
	for _, c := range in {
		out = append(out, planner.ColumnRule{
			Column: c.Name, To: c.To, Value: sql(c.Value), Type: sql(c.Type), Add: c.Add, Place: place(c.Range),
		})
	}
	return out
}

func sql(in config.SQL) planner.Text {
	return planner.Text{
		SQL: in.Text, Place: place(in.Range),
		At: func(character int) planner.Place { return place(in.At(character)) },
	}
}

func renames(in []config.Rename) []planner.Rename {
	var out []planner.Rename
	for _, r := range in {
		out = append(out, planner.Rename{
			Kind:  r.Kind,
			Match: planner.Pattern{Text: r.Match.Text, Parts: r.Match.Parts, Place: place(r.Match.Range)},
			To:    r.To,
			Place: place(r.Range),
		})
	}
	return out
}

func bodies(in []config.Function) []planner.Body {
	var out []planner.Body
	for _, f := range in {
		out = append(out, planner.Body{Function: f.Name, Text: f.Body, Place: place(f.Range)})
	}
	return out
}

// nameCase is the function of name_case; nil: names stay as they are.
func nameCase(word string) func(string) string {
	switch word {
	case "lower":
		return strings.ToLower
	case "upper":
		return strings.ToUpper
	}
	return nil
}

func place(r config.Range) planner.Place { return planner.Place(r) }

func rangeOf(p *planner.Place) config.Range {
	if p == nil {
		return config.Range{}
	}
	return config.Range(*p)
}

// execution is a run of a plan, but for the store.
func (a *app) execution(m config.Migration, s sides, p *planner.Plan) executor.Run {
	return executor.Run{
		Plan: p, Source: s.source, Target: s.target, Log: a.log,
		Settings: settings(m), Progress: progress.New(time.Now),
		Cutover: executor.CutoverLimits{MaxLag: m.Cutover.MaxLag, MaxWritePause: m.Cutover.MaxWritePause},
	}
}

// settings are the numbers of a migration that may change while it runs.
func settings(m config.Migration) state.Settings {
	return state.Settings{
		Workers:         m.Full.Workers,
		IndexMemory:     int64(m.Full.IndexMemory),
		RetryConnection: m.Retry.Connection, RetryOther: m.Retry.Other,
		Load: throttle(m.Full.Throttle), Changes: throttle(m.Incremental.Throttle),
		Connections: m.Incremental.Connections,
		SpoolBytes:  spoolBytes(m.Incremental.Spool),
		Alerts:      alerts(m),
	}
}

func spoolDirectory(s *config.Spool) string {
	if s == nil {
		return ""
	}
	return s.Directory
}

func spoolBytes(s *config.Spool) int64 {
	if s == nil {
		return 0
	}
	return int64(s.MaxBytes)
}

// alerts are those of a migration. What ready has for a limit is what the gate
// of a cutover lets through.
func alerts(m config.Migration) (list []state.Alert) {
	for _, a := range m.Alerts {
		one := state.Alert{
			Name: a.Name, On: a.On, Over: a.Over, OverBytes: int64(a.OverBytes), For: a.For, Repeat: a.Repeat,
			Webhook: secretName(a.Webhook), Alertmanager: secretName(a.Alertmanager), Slack: secretName(a.Slack),
			Exec: a.Exec,
		}
		if a.On == "ready" {
			one.Over = m.Cutover.MaxLag
		}
		if e := a.Email; e != nil {
			one.Email = &state.Email{Host: e.Host, From: e.From, To: e.To, User: e.User, Password: secretName(e.Password)}
		}
		list = append(list, one)
	}
	return list
}

func secretName(s *config.Secret) string {
	if s == nil {
		return ""
	}
	return s.Name
}

// telling is what the alerts of a migration need beside its status. Of secrets
// those of this configuration can be read, and no others.
func (a *app) telling(c *config.Config, m config.Migration) alert.Options {
	o := connect.Options{Dir: c.Dir, Environ: a.environ}
	secrets := map[string]alert.Secret{}
	for name, s := range c.Secrets() {
		secrets[name] = func(ctx context.Context) (string, error) { return connect.Secret(ctx, s, o) }
	}
	return alert.Options{
		Subject: alert.Subject{Migration: m.Address, Tags: m.Tags},
		Way:     alert.Way{Secrets: secrets, Dir: c.Dir},
		Log:     a.log,
	}
}

func throttle(t config.Throttle) state.Throttle {
	return state.Throttle{Queries: int64(t.Queries), Rows: int64(t.Rows), Bytes: int64(t.Bytes)}
}

// lease says who takes a migration, and for what.
func lease(m config.Migration, p *planner.Plan) postgres.Options {
	return postgres.Options{
		Address: p.Address(), Holder: holder(), PlanID: p.ID, Slot: p.Slot, Settings: settings(m),
		Source: state.Server{SystemIdentifier: p.Source.SystemIdentifier, Database: p.Source.Database},
		Target: state.Server{SystemIdentifier: p.Target.SystemIdentifier, Database: p.Target.Database},
	}
}
