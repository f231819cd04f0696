package main

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"
)

// key returns the key of a name, made at its first use.
func (c *cluster) key(name string) (string, error) {
	path := c.path("key-" + name)
	if text, err := os.ReadFile(path); err == nil {
		return string(text), nil
	}
	key := make([]byte, 32)
	if _, err := rand.Read(key); err != nil {
		return "", err
	}
	text := base64.StdEncoding.EncodeToString(key)
	return text, os.WriteFile(path, []byte(text), 0o600)
}

// writeEncryption writes the configuration of a mode. What an earlier mode wrote stays readable wherever a server can be
// told to read it.
func (c *cluster) writeEncryption(mode string) error {
	orders := map[string][]string{
		"identity":       {"identity"},
		"identity-first": {"identity", "aescbc one"},
		"aescbc":         {"aescbc one", "identity"},
		"aesgcm":         {"aesgcm one", "identity"},
		"secretbox":      {"secretbox one", "identity"},
		"kms":            {"kms", "aescbc one", "identity"},
		"rotated":        {"aescbc two one", "identity"},
	}
	order, known := orders[mode]
	if !known {
		return fmt.Errorf("unknown mode %s", mode)
	}
	var text strings.Builder
	text.WriteString("apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\nresources:\n" +
		"- resources: [secrets]\n  providers:\n")
	for _, provider := range order {
		words := strings.Fields(provider)
		switch words[0] {
		case "identity":
			text.WriteString("  - identity: {}\n")
		case "kms":
			if err := c.startKMS(); err != nil {
				return err
			}
			fmt.Fprintf(&text, "  - kms: { apiVersion: v2, name: tests, endpoint: \"unix://%s\" }\n", c.path("kms.sock"))
		default:
			fmt.Fprintf(&text, "  - %s:\n      keys:\n", words[0])
			for _, name := range words[1:] {
				key, err := c.key(name)
				if err != nil {
					return err
				}
				fmt.Fprintf(&text, "      - { name: %s, secret: %s }\n", name, key)
			}
		}
	}
	// The server may look at any moment: the file changes in one step.
	part := c.path("encryption.part")
	if err := os.WriteFile(part, []byte(text.String()), 0o600); err != nil {
		return err
	}
	return os.Rename(part, c.path("encryption.yaml"))
}

// reload lets the running server take another configuration and waits until it has: a gauge tells the hash of the file.
func (c *cluster) reload(mode string) error {
	if err := c.writeEncryption(mode); err != nil {
		return err
	}
	text, err := os.ReadFile(c.path("encryption.yaml"))
	if err != nil {
		return err
	}
	c.mode = mode
	want := fmt.Sprintf("sha256:%x", sha256.Sum256(text))
	return c.wait(2*time.Minute, "the server did not take the new configuration", func() bool {
		metrics, err := c.metrics()
		return err == nil && strings.Contains(metrics, want)
	})
}

// metrics asks as a user who may read them.
func (c *cluster) metrics() (string, error) {
	request, err := http.NewRequest(http.MethodGet, c.address()+"/metrics", nil)
	if err != nil {
		return "", err
	}
	client, err := c.authority.client("metrics", "system:monitoring")
	if err != nil {
		return "", err
	}
	response, err := client.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return string(body), err
}

// stored asks etcd, by the JSON that it speaks beside gRPC, how each object of a resource lies there.
func (c *cluster) stored(resource string) (map[string]string, error) {
	from := "/registry/" + resource + "/"
	// The end of a range of keys with one prefix: the prefix with its last byte raised by one.
	until := strings.TrimSuffix(from, "/") + "0"
	ask := fmt.Sprintf(`{"key":%q,"range_end":%q}`, base64.StdEncoding.EncodeToString([]byte(from)),
		base64.StdEncoding.EncodeToString([]byte(until)))
	url := fmt.Sprintf("http://127.0.0.1:%d/v3/kv/range", c.port+1)
	response, err := http.Post(url, "application/json", strings.NewReader(ask))
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	var answer struct {
		Kvs []struct{ Key, Value []byte }
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return nil, err
	}
	stored := map[string]string{}
	for _, entry := range answer.Kvs {
		form := "plain"
		if value := string(entry.Value[:min(80, len(entry.Value))]); strings.HasPrefix(value, "k8s:enc:") {
			form = strings.Join(strings.SplitN(value, ":", 6)[:5], ":")
		}
		stored[string(entry.Key)] = form
	}
	return stored, nil
}
