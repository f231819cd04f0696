package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// cluster is one control plane without nodes: objects are admitted and stored, nothing runs.
type cluster struct {
	bin, dir  string
	authority *authority
	port      int // of the API server; etcd has the two above it
	mode      string
	client    *http.Client

	etcd, api, manager *process
	stopKMS            func()
}

// process is a child that dies with this program.
type process struct {
	cmd  *exec.Cmd
	log  string
	done chan struct{}
}

func newCluster(bin, dir string) (*cluster, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	c := &cluster{bin: bin, dir: dir}
	if c.authority, err = newAuthority(dir); err != nil {
		return nil, err
	}
	if err := c.authority.server(); err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	roots.AddCert(c.authority.cert)
	c.client = &http.Client{
		Timeout:   10 * time.Second,
		Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, DisableKeepAlives: true},
	}
	c.port, err = freePorts(3)
	return c, err
}

// freePorts returns the first of so many ports in a row on which nothing listens.
func freePorts(count int) (int, error) {
	for range 100 {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return 0, err
		}
		first := listener.Addr().(*net.TCPAddr).Port
		free := first+count < 65536
		var held []net.Listener
		for port := first + 1; free && port < first+count; port++ {
			next, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
			if free = err == nil; free {
				held = append(held, next)
			}
		}
		listener.Close()
		for _, next := range held {
			next.Close()
		}
		if free {
			return first, nil
		}
	}
	return 0, errors.New("no free ports")
}

func (c *cluster) address() string { return fmt.Sprintf("https://127.0.0.1:%d", c.port) }

func (c *cluster) path(name string) string { return filepath.Join(c.dir, name) }

func (c *cluster) user(name string, groups ...string) (string, error) {
	return c.authority.user(c.address(), name, groups)
}

func (c *cluster) up(mode string) error {
	client, peer := fmt.Sprintf("http://127.0.0.1:%d", c.port+1), fmt.Sprintf("http://127.0.0.1:%d", c.port+2)
	var err error
	// What is stored lives as long as a test: it need not survive a power cut.
	c.etcd, err = c.start("etcd", "--name=tests", "--data-dir="+c.path("etcd"), "--unsafe-no-fsync", "--log-level=warn",
		"--listen-client-urls="+client, "--advertise-client-urls="+client, "--listen-peer-urls="+peer,
		"--initial-advertise-peer-urls="+peer, "--initial-cluster=tests="+peer, "--quota-backend-bytes=4294967296")
	if err != nil {
		return err
	}
	if err := c.startServer(mode); err != nil {
		return err
	}
	// It aggregates ClusterRoles, makes default service accounts (without which no pod is admitted) and empties
	// namespaces; each controller has its own account, for the manager's may not write ClusterRoles.
	config, err := c.user("system:kube-controller-manager")
	if err != nil {
		return err
	}
	c.manager, err = c.start("kube-controller-manager", "--kubeconfig="+config, "--use-service-account-credentials",
		"--service-account-private-key-file="+c.path("accounts.key"), "--root-ca-file="+c.path("ca.crt"),
		"--bind-address=127.0.0.1", "--secure-port=0", "--leader-elect=false", "--profiling=false",
		"--controllers=clusterrole-aggregation-controller,serviceaccount-controller,namespace-controller")
	return err
}

func (c *cluster) startServer(mode string) error {
	args := []string{
		fmt.Sprintf("--etcd-servers=http://127.0.0.1:%d", c.port+1), "--bind-address=127.0.0.1",
		fmt.Sprintf("--secure-port=%d", c.port), "--advertise-address=127.0.0.1", "--endpoint-reconciler-type=none",
		"--tls-cert-file=" + c.path("server.crt"), "--tls-private-key-file=" + c.path("server.key"),
		"--client-ca-file=" + c.path("ca.crt"), "--authorization-mode=RBAC", "--allow-privileged", "--profiling=false",
		"--service-account-issuer=https://kubernetes.default.svc", "--service-cluster-ip-range=10.0.0.0/16",
		"--service-account-key-file=" + c.path("accounts.key"), "--service-account-signing-key-file=" + c.path("accounts.key"),
	}
	if mode != "none" {
		if err := c.writeEncryption(mode); err != nil {
			return err
		}
		args = append(args, "--encryption-provider-config="+c.path("encryption.yaml"),
			"--encryption-provider-config-automatic-reload")
	}
	c.mode = mode
	var err error
	if c.api, err = c.start("kube-apiserver", args...); err != nil {
		return err
	}
	return c.wait(90*time.Second, "the API server was not ready", func() bool {
		answer, err := c.get("/readyz")
		return err == nil && answer == "ok"
	})
}

// get asks the API server, without a name: what everybody may read.
func (c *cluster) get(path string) (string, error) {
	response, err := c.client.Get(c.address() + path)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return string(body), err
}

func (c *cluster) wait(limit time.Duration, failed string, ready func() bool) error {
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if ready() {
			return nil
		}
		if c.api != nil && c.api.ended() {
			break
		}
	}
	return fmt.Errorf("%s; the end of its log: %s", failed, c.api.tail())
}

func (c *cluster) start(name string, args ...string) (*process, error) {
	log, err := os.OpenFile(c.path(name+".log"), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	p := &process{cmd: exec.Command(filepath.Join(c.bin, name), args...), log: log.Name(), done: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr = log, log
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		_ = p.cmd.Wait()
		close(p.done)
	}()
	return p, nil
}

func (p *process) ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

func (p *process) stop() {
	if p == nil || p.ended() {
		return
	}
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.done:
	case <-time.After(15 * time.Second):
		_ = p.cmd.Process.Kill()
		<-p.done
	}
}

func (p *process) tail() string {
	text, _ := os.ReadFile(p.log)
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return strings.Join(lines[max(0, len(lines)-5):], " | ")
}

// down stops what was started; the server writes to etcd until it ends, so etcd is the last.
func (c *cluster) down() {
	c.manager.stop()
	c.api.stop()
	if c.stopKMS != nil {
		c.stopKMS()
	}
	c.etcd.stop()
}
