package alert

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
)

// post sends a payload as JSON to the address that a secret is, or to a path
// below it.
func (w Way) post(ctx context.Context, secret, path string, payload any) error {
	address, err := w.secret(ctx, secret)
	if err != nil {
		return err
	}
	to, err := url.Parse(strings.TrimSpace(address))
	if err != nil || to.Host == "" || to.Scheme != "http" && to.Scheme != "https" {
		return fmt.Errorf("secret.%s holds no http or https address", secret)
	}
	body, err := json.Marshal(payload)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, to.JoinPath(path).String(), bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("secret.%s holds no address that can be called", secret)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "sluice")
	response, err := w.client().Do(request)
	if err != nil {
		return unreachable(err)
	}
	_, _ = io.CopyN(io.Discard, response.Body, 64<<10) // what it says beside the status is of no use
	_ = response.Body.Close()
	return answered(response.StatusCode)
}

// client keeps no connection: minutes lie between two messages. A redirection is
// an answer: the address it leads to is not the one that was declared.
func (w Way) client() *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true, ForceAttemptHTTP2: true,
			TLSClientConfig: &tls.Config{RootCAs: w.Roots},
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

func answered(code int) error {
	answer := fmt.Sprintf("%d %s", code, http.StatusText(code))
	switch {
	case code/100 == 2:
		return nil
	case code/100 == 5, code == http.StatusRequestTimeout, code == http.StatusTooManyRequests:
		return errors.New("the answer is " + answer)
	}
	return &refusedError{answer}
}

// unreachable says why no connection came about, without the address: errors of
// net, net/http and crypto/x509 quote it.
func unreachable(err error) error {
	var network net.Error
	var name *net.DNSError
	var certificate *tls.CertificateVerificationError
	var cause syscall.Errno
	switch {
	case errors.Is(err, context.Canceled):
		return context.Canceled
	case errors.As(err, &name) && name.IsNotFound:
		return errors.New("the host of its address is not known")
	case errors.As(err, &certificate):
		return errors.New("its certificate is not trusted")
	case errors.As(err, &cause):
		return cause
	case errors.As(err, &network) && network.Timeout():
		return errors.New("there is no answer in time")
	}
	return errors.New("it cannot be reached")
}
