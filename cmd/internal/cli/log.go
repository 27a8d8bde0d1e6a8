package cli

import (
	"fmt"
	"io"
	"log/slog"
	"os"
)

// logger makes the log that SLUICE_LOG (debug, info, warn, error) and
// SLUICE_LOG_FORMAT (text, json) ask for; silent where they do not.
func logger(w io.Writer) (*slog.Logger, error) {
	level := os.Getenv("SLUICE_LOG")
	if level == "" {
		return slog.New(slog.DiscardHandler), nil
	}
	var o slog.HandlerOptions
	var at slog.Level
	if err := at.UnmarshalText([]byte(level)); err != nil {
		return nil, fmt.Errorf("SLUICE_LOG is %q, and takes debug, info, warn or error", level)
	}
	o.Level = at
	switch format := os.Getenv("SLUICE_LOG_FORMAT"); format {
	case "", "text":
		return slog.New(slog.NewTextHandler(w, &o)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(w, &o)), nil
	default:
		return nil, fmt.Errorf("SLUICE_LOG_FORMAT is %q, and takes text or json", format)
	}
}
