package main

import (
	"crypto/sha256"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
)

// The pins: they and the compiler name the folder of the cache.
var (
	//go:embed go.mod
	goMod []byte
	//go:embed go.sum
	goSum []byte
)

// The programs and their packages, the quickest to build first.
var programs = [][2]string{
	{"etcd", "go.etcd.io/etcd/server/v3"},
	{"kube-controller-manager", "k8s.io/kubernetes/cmd/kube-controller-manager"},
	{"kube-apiserver", "k8s.io/kubernetes/cmd/kube-apiserver"},
}

// build makes the programs that the cache lacks and returns their folder. Where all are there it needs no Go.
func build(cache string) (string, error) {
	version, err := exec.Command("go", "version").Output()
	if err != nil {
		return "", fmt.Errorf("go is needed to build the API server: %w", err)
	}
	hash := sha256.New()
	for _, part := range [][]byte{goMod, goSum, version} {
		hash.Write(part)
	}
	bin, err := filepath.Abs(filepath.Join(cache, fmt.Sprintf("%x", hash.Sum(nil))[:16], "bin"))
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(bin, 0o755); err != nil {
		return "", err
	}
	// One builds, others wait and then find the programs.
	lock, err := os.OpenFile(filepath.Join(bin, ".lock"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return "", err
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return "", err
	}
	for _, program := range programs {
		if err := buildOne(filepath.Join(bin, program[0]), program[1]); err != nil {
			return "", err
		}
	}
	return bin, nil
}

func buildOne(path, pkg string) error {
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	found := regexp.MustCompile(`(?m)^\s*k8s\.io/kubernetes (v1\.(\d+)\.\S+)`).FindSubmatch(goMod)
	if found == nil {
		return errors.New("go.mod names no version of k8s.io/kubernetes")
	}
	// A server that was not told its version answers /version with a text that clients cannot parse.
	const stamp = " -X k8s.io/component-base/version."
	flags := "-s -w" + stamp + "gitVersion=" + string(found[1]) + stamp + "gitMajor=1" + stamp + "gitMinor=" +
		string(found[2]) + stamp + "gitTreeState=clean"
	// A build that is cut short leaves nothing that looks complete.
	part := path + ".part"
	cmd := exec.Command("go", "build", "-mod=readonly", "-buildvcs=false", "-trimpath", "-ldflags", flags, "-o", part, pkg)
	if cmd.Dir = os.Getenv("CLUSTER_MODULE"); cmd.Dir == "" {
		return errors.New("CLUSTER_MODULE must name the folder of this program's go.mod")
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s was not built: %w: %s", pkg, err, strings.TrimSpace(string(out)))
	}
	return os.Rename(part, path)
}
