// Command cluster runs a real Kubernetes API server on the loopback interface, for the tests of live audits.
//
//	cluster build CACHE             builds etcd, kube-apiserver and kube-controller-manager once, and prints their folder
//	cluster run CACHE DIR [MODE]    starts them with their state in DIR, prints `ready KUBECONFIG`, then obeys the lines of
//	                                its standard input; at the end of the input it stops everything
//
// Each line is answered with one line, `ok …` or `error …`:
//
//	user NAME [GROUP…]     a client certificate; answers the path of a kubeconfig
//	encryption MODE        another encryption configuration, taken by a restart of the API server
//	reload MODE            the same, taken by the server's own reload, which can last a minute
//	stop, start            the API server goes away, and comes back
//	send FILE N            requests, one JSON object a line, N at once; the answers lie in FILE.out
//	lists PATH…            seconds that it takes to read these lists and do nothing with them
//	stored RESOURCE        how each object lies in etcd: a JSON object of keys and `plain` or `k8s:enc:…`
//
// MODE is none, identity, aescbc, aesgcm, secretbox, kms, identity-first or rotated.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

func main() {
	if err := command(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "cluster:", err)
		os.Exit(1)
	}
}

func command(args []string) error {
	switch {
	case len(args) == 2 && args[0] == "build":
		bin, err := build(args[1])
		if err == nil {
			fmt.Println(bin)
		}
		return err
	case (len(args) == 3 || len(args) == 4) && args[0] == "run":
		mode := "none"
		if len(args) == 4 {
			mode = args[3]
		}
		return run(args[1], args[2], mode)
	}
	return errors.New("usage: cluster build CACHE, or cluster run CACHE DIR [MODE]")
}

func run(cache, dir, mode string) error {
	bin, err := build(cache)
	if err != nil {
		return err
	}
	c, err := newCluster(bin, dir)
	if err != nil {
		return err
	}
	defer c.down()
	// An interrupt from the terminal goes to every process of the group; the input ends soon after.
	signal.Ignore(syscall.SIGINT)
	if err := c.up(mode); err != nil {
		return err
	}
	config, err := c.user("admin", "system:masters")
	if err != nil {
		return err
	}
	fmt.Println("ready", config)
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		if len(words) == 0 {
			continue
		}
		if answer, err := c.obey(words[0], words[1:]); err != nil {
			fmt.Println("error", strings.ReplaceAll(err.Error(), "\n", " "))
		} else {
			fmt.Println("ok", answer)
		}
	}
	return lines.Err()
}

func (c *cluster) obey(verb string, args []string) (string, error) {
	switch {
	case verb == "user" && len(args) > 0:
		return c.user(args[0], args[1:]...)
	case verb == "encryption" && len(args) == 1:
		c.api.stop()
		return "", c.startServer(args[0])
	case verb == "reload" && len(args) == 1:
		return "", c.reload(args[0])
	case verb == "stop":
		c.api.stop()
		return "", nil
	case verb == "start":
		return "", c.startServer(c.mode)
	case verb == "send" && len(args) == 2:
		return "", c.send(args[0], args[1])
	case verb == "lists" && len(args) > 0:
		return c.lists(args)
	case verb == "stored" && len(args) == 1:
		stored, err := c.stored(args[0])
		if err != nil {
			return "", err
		}
		text, err := json.Marshal(stored)
		return string(text), err
	}
	return "", fmt.Errorf("unknown line: %s", verb)
}
