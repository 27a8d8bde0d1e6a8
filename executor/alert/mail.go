package alert

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"net/smtp"
	"net/textproto"
	"strings"
	"time"

	"sluice/state"
)

// mail sends a message over SMTP, and nothing before the connection is encrypted.
func (w Way) mail(ctx context.Context, e state.Email, m message) error {
	err := w.submit(ctx, e, m)
	if err != nil && ctx.Err() != nil { // which has closed the connection
		return unreachable(ctx.Err())
	}
	return err
}

func (w Way) submit(ctx context.Context, e state.Email, m message) error {
	from, err := mail.ParseAddress(e.From)
	if err != nil {
		return fmt.Errorf("%q is no address", e.From)
	}
	to, err := mail.ParseAddressList(strings.Join(e.To, ", "))
	if err != nil {
		return fmt.Errorf("%q are no addresses", e.To)
	}
	text, err := letter(from, to, m)
	if err != nil {
		return err
	}
	var password string
	if e.User != "" {
		if password, err = w.secret(ctx, e.Password); err != nil {
			return err
		}
	}
	c, err := w.encrypted(ctx, e.Host)
	if err != nil {
		return err
	}
	defer c.Close() // after Quit there is nothing left to close
	if e.User != "" {
		if offered, _ := c.Extension("AUTH"); !offered {
			return errors.New("it takes no login, and user is given")
		}
		host, _, _ := net.SplitHostPort(e.Host)
		if err := c.Auth(smtp.PlainAuth("", e.User, password, host)); err != nil {
			return said("AUTH", err)
		}
	}
	return said("the mail", transmit(c, from, to, text))
}

// encrypted connects to a mail server, until ctx is over.
func (w Way) encrypted(ctx context.Context, address string) (_ *smtp.Client, err error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("%q is not host:port", address)
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, unreachable(err)
	}
	defer func() {
		if err != nil {
			_ = conn.Close()
		}
	}()
	context.AfterFunc(ctx, func() { _ = conn.Close() })
	c, err := smtp.NewClient(conn, host)
	if err != nil {
		return nil, said("the greeting", err)
	}
	if offered, _ := c.Extension("STARTTLS"); !offered {
		return nil, errors.New("it does not offer STARTTLS, and nothing is sent in clear text")
	}
	if err := c.StartTLS(&tls.Config{ServerName: host, RootCAs: w.Roots}); err != nil {
		return nil, said("STARTTLS", err)
	}
	return c, nil
}

func transmit(c *smtp.Client, from *mail.Address, to []*mail.Address, text []byte) error {
	if err := c.Mail(from.Address); err != nil {
		return err
	}
	for _, one := range to {
		if err := c.Rcpt(one.Address); err != nil {
			return err
		}
	}
	body, err := c.Data()
	if err != nil {
		return err
	}
	if _, err := body.Write(text); err != nil {
		return err
	}
	if err := body.Close(); err != nil {
		return err
	}
	_ = c.Quit() // the mail is taken: sent again, it would come twice
	return nil
}

// said is an error of SMTP without the server's own words, which may quote what
// it was sent.
func said(to string, err error) error {
	var answer *textproto.Error
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &answer):
		return unreachable(err)
	case answer.Code/100 == 5:
		return &refusedError{fmt.Sprintf("%d to %s", answer.Code, to)}
	}
	return fmt.Errorf("the answer is %d to %s", answer.Code, to)
}

// letter is the message as RFC 5322 has it.
func letter(from *mail.Address, to []*mail.Address, m message) ([]byte, error) {
	var names []string
	for _, one := range to {
		names = append(names, one.String())
	}
	_, domain, _ := strings.Cut(from.Address, "@")
	var b bytes.Buffer
	for _, header := range [][2]string{
		{"From", from.String()},
		{"To", strings.Join(names, ", ")},
		{"Subject", mime.QEncoding.Encode("utf-8", "["+strings.ToUpper(m.status())+"] "+m.summary())},
		{"Date", m.at.Format(time.RFC1123Z)},
		{"Message-ID", "<" + rand.Text() + "@" + domain + ">"},
		{"Auto-Submitted", "auto-generated"},
		{"MIME-Version", "1.0"},
		{"Content-Type", "text/plain; charset=utf-8"},
		{"Content-Transfer-Encoding", "quoted-printable"},
	} {
		fmt.Fprintf(&b, "%s: %s\r\n", header[0], header[1])
	}
	b.WriteString("\r\n")
	body := quotedprintable.NewWriter(&b)
	_, err := fmt.Fprintf(body, "%s\n\n%s\n", m.summary(), m.detail)
	return b.Bytes(), errors.Join(err, body.Close())
}
