package alert

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"net/textproto"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sluice/state"
)

// canary stands for what is secret.
const canary = "canary-3c1f"

// example is a message about a migration with tags.
func example(k kind, a state.Alert) message {
	a.Name, a.On = "slow", "lag"
	return message{
		Subject: Subject{Migration: `migration.shop["crm"]`, Tags: map[string]string{"team": "shop", "cost-center": "7", "migration": "mine"}},
		alert:   a, kind: k, detail: "3m0s behind, 1 < 2 & 3",
		startsAt: noon, at: noon.Add(5 * time.Minute),
	}
}

func holding(value string) map[string]Secret {
	return map[string]Secret{"it": func(context.Context) (string, error) { return value, nil }}
}

// calls is a server that keeps what it is sent.
func calls(t *testing.T, answer int) (url string, last func() (path, body string)) {
	var path, body string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, err := io.ReadAll(r.Body)
		if err != nil || r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s with %v, %v", r.Method, r.Header, err)
		}
		path, body = r.URL.RequestURI(), string(text)
		w.WriteHeader(answer)
		_, _ = io.WriteString(w, canary)
	}))
	t.Cleanup(s.Close)
	return s.URL, func() (string, string) { return path, body }
}

const labels = `{"alertname":"slow","cost_center":"7","migration":"migration.shop[\"crm\"]","on":"lag","severity":"warning","team":"shop"}`

func TestPayloads(t *testing.T) {
	t.Parallel()
	wantFiring := `{"description":"3m0s behind, 1 < 2 & 3","summary":"migration.shop[\"crm\"]: the changes lag behind"}`
	wantResolved := strings.Replace(wantFiring, `]: `, `]: resolved: `, 1)
	// https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
	group := `"version":"4","groupKey":"{}:{alertname=\"slow\", migration=\"migration.shop[\\\"crm\\\"]\"}","truncatedAlerts":0,"receiver":"slow","externalURL":"",
		"groupLabels":{"alertname":"slow","migration":"migration.shop[\"crm\"]"},"commonLabels":` + labels
	for name, test := range map[string]struct {
		alert      state.Alert
		kind       kind
		path, want string
	}{
		"webhook": {state.Alert{Webhook: "it"}, firing, "/hook?key=" + canary, `{` + group + `,"status":"firing","commonAnnotations":` + wantFiring + `,
			"alerts":[{"status":"firing","labels":` + labels + `,"annotations":` + wantFiring + `,"startsAt":"2026-03-01T12:00:00Z","endsAt":"0001-01-01T00:00:00Z","generatorURL":"","fingerprint":"def231779d5b9a06"}]}`},
		"webhook, resolved": {state.Alert{Webhook: "it"}, resolved, "/hook?key=" + canary, `{` + group + `,"status":"resolved","commonAnnotations":` + wantResolved + `,
			"alerts":[{"status":"resolved","labels":` + labels + `,"annotations":` + wantResolved + `,"startsAt":"2026-03-01T12:00:00Z","endsAt":"2026-03-01T12:05:00Z","generatorURL":"","fingerprint":"def231779d5b9a06"}]}`},
		"Alertmanager": {state.Alert{Alertmanager: "it"}, firing, "/hook/api/v2/alerts?key=" + canary,
			`[{"labels":` + labels + `,"annotations":` + wantFiring + `,"startsAt":"2026-03-01T12:00:00Z","endsAt":"2026-03-01T12:09:00Z"}]`},
		"Alertmanager, resolved": {state.Alert{Alertmanager: "it"}, resolved, "/hook/api/v2/alerts?key=" + canary,
			`[{"labels":` + labels + `,"annotations":` + wantResolved + `,"startsAt":"2026-03-01T12:00:00Z","endsAt":"2026-03-01T12:05:00Z"}]`},
		"Slack": {state.Alert{Slack: "it"}, firing, "/hook?key=" + canary,
			`{"text":"[FIRING] migration.shop[\"crm\"]: the changes lag behind\n3m0s behind, 1 &lt; 2 &amp; 3"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url, last := calls(t, http.StatusOK)
			send(t, Way{Secrets: holding(url + "/hook?key=" + canary + "\n")}, example(test.kind, test.alert))
			path, body := last()
			if path != test.path {
				t.Errorf("called %s, want %s", path, test.path)
			}
			if diff := cmp.Diff(value(t, test.want), value(t, body)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// send sends a message to its one receiver.
func send(t *testing.T, w Way, m message) {
	t.Helper()
	if err := try(t, w, m); err != nil {
		t.Fatal(err)
	}
}

func try(t *testing.T, w Way, m message) error {
	t.Helper()
	receivers := w.receivers(m.alert)
	if len(receivers) != 1 {
		t.Fatalf("%d receivers", len(receivers))
	}
	return attempt(t.Context(), receivers[0], m)
}

func value(t *testing.T, text string) (v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return v
}

// What goes wrong is said without the address, which is a secret, and without
// what the receiver says, which may quote it.
func TestErrorsHaveNoSecret(t *testing.T) {
	t.Parallel()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	notFound, _ := calls(t, http.StatusNotFound)
	broken, _ := calls(t, http.StatusBadGateway)
	moved, _ := calls(t, http.StatusTemporaryRedirect)
	untrusted := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(untrusted.Close)
	for name, test := range map[string]struct {
		secret, want string
		refused      bool
	}{
		"refused":       {notFound, "the answer is 404 Not Found", true},
		"broken":        {broken, "the answer is 502 Bad Gateway", false},
		"redirected":    {moved, "the answer is 307 Temporary Redirect", true},
		"gone":          {gone.URL, "connection refused", false},
		"not trusted":   {untrusted.URL, "its certificate is not trusted", false},
		"no address":    {"hooks", "secret.it holds no http or https address", false},
		"not even text": {"http://\x7f", "secret.it holds no http or https address", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := try(t, Way{Secrets: holding(test.secret + "/" + canary)}, example(firing, state.Alert{Webhook: "it"}))
			if err == nil || err.Error() != test.want || refused(err) != test.refused {
				t.Errorf("got %v, final: %v", err, refused(err))
			}
		})
	}
}

func TestCommandGetsTheMessage(t *testing.T) {
	t.Parallel()
	w := Way{Dir: t.TempDir()}
	send(t, w, example(firing, state.Alert{Exec: []string{"sh", "-c", `cat > "$1"`, "sh", "a file; with spaces"}}))
	text, err := os.ReadFile(filepath.Join(w.Dir, "a file; with spaces"))
	if err != nil {
		t.Fatal(err)
	}
	if got := value(t, string(text)).(map[string]any)["status"]; got != "firing" {
		t.Errorf("the status is %v", got)
	}
	err = try(t, w, example(firing, state.Alert{Exec: []string{"sh", "-c", "echo " + canary + " >&2; exit 3"}}))
	if err == nil || err.Error() != "the command ended with exit status 3" {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := w.run(ctx, []string{"sleep", "60"}, example(firing, state.Alert{})); err == nil {
		t.Error("a command outlives its time")
	}
}

func TestSecretIsReadForEachMessage(t *testing.T) {
	t.Parallel()
	url, last := calls(t, http.StatusOK)
	path := "/first"
	w := Way{Secrets: map[string]Secret{"it": func(context.Context) (string, error) { return url + path, nil }}}
	for _, path = range []string{"/first", "/second"} {
		send(t, w, example(firing, state.Alert{Webhook: "it"}))
		if got, _ := last(); got != path {
			t.Errorf("called %s, want %s", got, path)
		}
	}
}

// mailbox is a mail server with one account.
type mailbox struct {
	address     string
	certificate tls.Certificate
	plain       bool // it has no STARTTLS
	open        bool // it has no login
	got         chan string
}

// mailServer serves one connection.
func mailServer(t *testing.T, plain, open bool) (m *mailbox, roots *x509.CertPool) {
	t.Helper()
	owner := httptest.NewTLSServer(nil) // for its certificate, which is for 127.0.0.1
	owner.Close()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	m = &mailbox{address: l.Addr().String(), certificate: owner.TLS.Certificates[0], plain: plain, open: open, got: make(chan string, 1)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		m.serve(conn)
	}()
	t.Cleanup(func() {
		_ = l.Close()
		<-done
	})
	roots = x509.NewCertPool()
	roots.AddCert(owner.Certificate())
	return m, roots
}

// serve speaks as much SMTP as a client of one mail needs, until it hangs up.
func (m *mailbox) serve(conn net.Conn) {
	c := textproto.NewConn(conn)
	_ = c.PrintfLine("220 mail")
	encrypted := false
	var log strings.Builder
	for {
		line, err := c.ReadLine()
		if err != nil {
			return
		}
		verb, rest, _ := strings.Cut(line, " ")
		switch strings.ToUpper(verb) {
		case "EHLO":
			offer := "STARTTLS"
			switch {
			case encrypted && m.open:
				offer = "8BITMIME"
			case encrypted || m.plain:
				offer = "AUTH PLAIN"
			}
			_ = c.PrintfLine("250-mail\r\n250 %s", offer)
		case "STARTTLS":
			_ = c.PrintfLine("220 go on")
			conn = tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{m.certificate}})
			c, encrypted = textproto.NewConn(conn), true
		case "AUTH":
			login, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(rest, "PLAIN "))
			if string(login) != "\x00sluice\x00"+canary {
				_ = c.PrintfLine("535 no: %s", login)
				continue
			}
			_ = c.PrintfLine("235 welcome")
		case "DATA":
			_ = c.PrintfLine("354 go on")
			text, _ := io.ReadAll(c.DotReader())
			log.Write(text)
			_ = c.PrintfLine("250 taken")
		case "QUIT":
			_ = c.PrintfLine("221 bye")
			m.got <- log.String()
			return
		default:
			log.WriteString(line + "\n")
			_ = c.PrintfLine("250 yes")
		}
	}
}

func TestMail(t *testing.T) {
	t.Parallel()
	server, roots := mailServer(t, false, false)
	email := &state.Email{Host: server.address, From: "sluice <sluice@example.com>", To: []string{"ops@example.com", "Dbå <dba@example.com>"}, User: "sluice", Password: "it"}
	m := example(resolved, state.Alert{Email: email})
	m.detail = "3m0s behind — über\r\nSubject: not a header"
	send(t, Way{Secrets: holding(canary), Roots: roots}, m)
	got := <-server.got
	envelope, text, _ := strings.Cut(got, "From: ")
	if want := "MAIL FROM:<sluice@example.com>\nRCPT TO:<ops@example.com>\nRCPT TO:<dba@example.com>\n"; envelope != want {
		t.Errorf("the envelope is %q", envelope)
	}
	letter, err := mail.ReadMessage(bufio.NewReader(strings.NewReader("From: " + text)))
	if err != nil {
		t.Fatal(err)
	}
	if got := letter.Header.Get("Subject"); got != `[RESOLVED] migration.shop["crm"]: resolved: the changes lag behind` {
		t.Errorf("the subject is %q", got)
	}
	for _, name := range []string{"From", "To"} {
		if _, err := letter.Header.AddressList(name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	body, _ := io.ReadAll(letter.Body)
	if !strings.Contains(string(body), "behind =E2=80=94 =C3=BCber") {
		t.Errorf("the body is %s", body)
	}
}

func TestMailIsNeverSentInClearTextNorToAStranger(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		plain, open, trusted bool
		password, want       string
		refused              bool
	}{
		"no STARTTLS":      {true, false, true, canary, "it does not offer STARTTLS, and nothing is sent in clear text", false},
		"not trusted":      {false, false, false, canary, "its certificate is not trusted", false},
		"no login":         {false, true, true, canary, "it takes no login, and user is given", false},
		"a wrong password": {false, false, true, canary + "-wrong", "the answer is 535 to AUTH", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, roots := mailServer(t, test.plain, test.open)
			if !test.trusted {
				roots = x509.NewCertPool()
			}
			email := &state.Email{Host: server.address, From: "sluice@example.com", To: []string{"ops@example.com"}, User: "sluice", Password: "it"}
			err := try(t, Way{Secrets: holding(test.password), Roots: roots}, example(firing, state.Alert{Email: email}))
			if err == nil || err.Error() != test.want || refused(err) != test.refused {
				t.Errorf("got %v, final: %v", err, refused(err))
			}
		})
	}
}

// A receiver that takes a connection and says nothing is left when its time is over.
func TestSilentReceiverIsLeft(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	for name, a := range map[string]state.Alert{
		"webhook": {Webhook: "it"},
		"mail":    {Email: &state.Email{Host: l.Addr().String(), From: "a@example.com", To: []string{"b@example.com"}}},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		err := Way{Secrets: holding("http://" + l.Addr().String())}.receivers(a)[0].send(ctx, example(firing, a))
		cancel()
		if err == nil || err.Error() != "there is no answer in time" {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
