// Package frame is what the drivers in Go share: settings, lines in and out. driver.py says what
// they mean.
package frame

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"strings"
)

// Settings are the NAME=VALUE arguments.
type Settings map[string]string

// Secure tells whether the broker is reached over SASL_SSL.
func (s Settings) Secure() bool { return s["security"] == "sasl_ssl" }

// TLS trusts the authority that the settings name, and nobody else.
func (s Settings) TLS() *tls.Config {
	certificate, err := os.ReadFile(s["ca"])
	Must(err)
	authorities := x509.NewCertPool()
	if !authorities.AppendCertsFromPEM(certificate) {
		Must(fmt.Errorf("no certificate in %s", s["ca"]))
	}
	return &tls.Config{RootCAs: authorities, MinVersion: tls.VersionTLS12}
}

// Say prints one line of fields.
func Say(fields ...any) {
	texts := make([]string, len(fields))
	for i, field := range fields {
		texts[i] = strings.ReplaceAll(fmt.Sprint(field), "\n", " ")
	}
	// One write a line: several goroutines may have something to say.
	fmt.Fprint(os.Stdout, strings.Join(texts, "\t")+"\n")
}

// Must ends the program with what went wrong.
func Must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// Command is what a driver is told; what it returns is the answer.
type Command func(arguments []string) (answer []any, err error)

// Serve carries out commands until the end of input. "send" has no answer.
func Serve(commands map[string]Command) {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		fields := strings.Split(lines.Text(), "\t")
		command, known := commands[fields[0]]
		if !known {
			Must(fmt.Errorf("no such command: %s", fields[0]))
		}
		answer, err := command(fields[1:])
		switch {
		case fields[0] == "send":
			Must(err)
		case err != nil:
			Say("error", err)
		default:
			Say(append([]any{"ok"}, answer...)...)
		}
	}
}

// Done is for commands without a result.
func Done(err error) ([]any, error) { return nil, err }

// EndOfInput calls stop when there is no more input.
func EndOfInput(stop func()) {
	go func() {
		for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		}
		stop()
	}()
}

// Configs splits NAME=VALUE arguments.
func Configs(arguments []string) map[string]*string {
	configs := map[string]*string{}
	for _, argument := range arguments {
		name, value, _ := strings.Cut(argument, "=")
		configs[name] = &value
	}
	return configs
}

// Run runs the role that the command line names, with its settings.
func Run(roles map[string]func(Settings)) {
	settings := Settings{}
	for _, argument := range os.Args[2:] {
		name, value, _ := strings.Cut(argument, "=")
		settings[name] = value
	}
	roles[os.Args[1]](settings)
}
