package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"sync"
	"time"
)

// request is a line of a file of requests, sent as the administrator.
type request struct {
	Method string          `json:"method"`
	Path   string          `json:"path"`
	Type   string          `json:"type"`
	Body   json.RawMessage `json:"body"`
}

// answer is the line that comes of it.
type answer struct {
	Status int             `json:"status"`
	Body   json.RawMessage `json:"body"`
}

// send sends the requests of a file, so many at once, and writes the answers in their order to FILE.out.
func (c *cluster) send(file, parallel string) error {
	count, err := strconv.Atoi(parallel)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var requests []request
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var one request
		if err := json.Unmarshal(lines.Bytes(), &one); err != nil {
			return err
		}
		requests = append(requests, one)
	}
	client, err := c.authority.client("admin", "system:masters")
	if err != nil {
		return err
	}
	transport := client.Transport.(*http.Transport)
	transport.DisableKeepAlives, transport.MaxIdleConnsPerHost = false, count
	answers := make([]answer, len(requests))
	failures := make([]error, len(requests))
	work := make(chan int)
	var done sync.WaitGroup
	for range count {
		done.Go(func() {
			for at := range work {
				answers[at], failures[at] = c.one(client, requests[at])
			}
		})
	}
	for at := range requests {
		work <- at
	}
	close(work)
	done.Wait()
	var out bytes.Buffer
	for at := range answers {
		if failures[at] != nil {
			return failures[at]
		}
		line, err := json.Marshal(answers[at])
		if err != nil {
			return err
		}
		out.Write(append(line, '\n'))
	}
	return os.WriteFile(file+".out", out.Bytes(), 0o600)
}

func (c *cluster) one(client *http.Client, ask request) (answer, error) {
	sent, err := http.NewRequest(ask.Method, c.address()+ask.Path, bytes.NewReader(ask.Body))
	if err != nil {
		return answer{}, err
	}
	if ask.Type == "" {
		ask.Type = "application/json"
	}
	sent.Header.Set("Content-Type", ask.Type)
	response, err := client.Do(sent)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return answer{}, err
	}
	if !json.Valid(body) {
		if body, err = json.Marshal(fmt.Sprintf("%.200s", body)); err != nil {
			return answer{}, err
		}
	}
	return answer{Status: response.StatusCode, Body: body}, nil
}

// lists reads whole lists as a client would that does nothing with them: JSON, gzip, pages of 500. It returns the
// seconds of the best of three times.
func (c *cluster) lists(paths []string) (string, error) {
	client, err := c.authority.client("admin", "system:masters")
	if err != nil {
		return "", err
	}
	client.Timeout = time.Minute
	client.Transport.(*http.Transport).DisableKeepAlives = false
	best := math.Inf(1)
	for range 3 {
		started := time.Now()
		for _, path := range paths {
			for token := ""; ; {
				response, err := client.Get(c.address() + path + "?limit=500&continue=" + url.QueryEscape(token))
				if err != nil {
					return "", err
				}
				body, err := io.ReadAll(response.Body)
				response.Body.Close()
				if err != nil {
					return "", err
				}
				// The metadata stand before the items.
				found := continuation.FindSubmatch(body[:min(len(body), 4096)])
				if found == nil {
					break
				}
				token = string(found[1])
			}
		}
		best = min(best, time.Since(started).Seconds())
	}
	return fmt.Sprintf("%.2f", best), nil
}

var continuation = regexp.MustCompile(`"continue":"([^"]+)"`)
