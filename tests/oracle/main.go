// Prints what the libraries behind the Kubernetes API server make of files: for each path on standard input one line of
// JSON, {"documents": [{"json": ...} or {"error": "..."}]}, in order.
//
// YAML files are split by apimachinery's document reader and converted by sigs.k8s.io/yaml, the way kubectl does it. JSON
// files (by their ending) are read as a sequence of values.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	numbers "k8s.io/apimachinery/pkg/util/json"
	machinery "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

type document struct {
	JSON  json.RawMessage `json:"json,omitempty"`
	Error string          `json:"error,omitempty"`
}

type file struct {
	Documents []document `json:"documents"`
}

func main() {
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	encoder := json.NewEncoder(out)
	paths := bufio.NewScanner(os.Stdin)
	for paths.Scan() {
		content, err := os.ReadFile(paths.Text())
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		read := readYAML
		if strings.HasSuffix(paths.Text(), ".json") {
			read = readJSON
		}
		if err := encoder.Encode(file{Documents: read(content)}); err != nil {
			fmt.Fprintln(os.Stderr, paths.Text(), err)
			os.Exit(1)
		}
	}
}

func readYAML(content []byte) []document {
	documents := []document{}
	reader := machinery.NewYAMLReader(bufio.NewReader(bytes.NewReader(content)))
	for {
		part, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return documents
		}
		if err != nil {
			documents = append(documents, document{Error: err.Error()})
			continue
		}
		text, err := yaml.YAMLToJSON(part)
		if err != nil {
			documents = append(documents, document{Error: err.Error()})
		} else {
			documents = append(documents, document{JSON: text})
		}
	}
}

func readJSON(content []byte) []document {
	documents := []document{}
	decoder := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(content, []byte("\xef\xbb\xbf"))))
	decoder.UseNumber()
	for {
		var value any
		err := decoder.Decode(&value)
		if errors.Is(err, io.EOF) {
			return documents
		}
		if err != nil {
			return append(documents, document{Error: err.Error()})
		}
		text, err := json.Marshal(value)
		if err == nil {
			// The numbers, printed as they are written, must have a value.
			err = numbers.Unmarshal(text, &value)
		}
		if err != nil {
			documents = append(documents, document{Error: err.Error()})
		} else {
			documents = append(documents, document{JSON: text})
		}
	}
}
