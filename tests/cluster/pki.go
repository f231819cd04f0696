package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// authority signs the certificates of one cluster.
type authority struct {
	dir  string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pem  []byte
}

func newAuthority(dir string) (*authority, error) {
	a := &authority{dir: dir}
	template := &x509.Certificate{
		Subject:               pkix.Name{CommonName: "tacit-tests"},
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign,
	}
	cert, key, err := a.sign(template)
	if err != nil {
		return nil, err
	}
	a.key, a.pem = key, cert
	block, _ := pem.Decode(cert)
	if a.cert, err = x509.ParseCertificate(block.Bytes); err != nil {
		return nil, err
	}
	if err := a.write("ca.crt", cert); err != nil {
		return nil, err
	}
	// Service-account tokens are signed with RSA by every distribution.
	accounts, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, err
	}
	return a, a.writeKey("accounts.key", accounts)
}

// sign makes a key and its certificate; without a certificate of its own yet, the authority signs itself.
func (a *authority) sign(template *x509.Certificate) ([]byte, *ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	if template.SerialNumber, err = rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120)); err != nil {
		return nil, nil, err
	}
	template.NotBefore = time.Now().Add(-time.Hour)
	template.NotAfter = time.Now().Add(30 * 24 * time.Hour)
	parent, signer := a.cert, a.key
	if parent == nil {
		parent, signer = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		return nil, nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), key, nil
}

func (a *authority) server() error {
	cert, key, err := a.sign(&x509.Certificate{
		Subject:     pkix.Name{CommonName: "kube-apiserver"},
		DNSNames:    []string{"localhost", "kubernetes.default.svc"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv4(10, 0, 0, 1)},
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	})
	if err != nil {
		return err
	}
	if err := a.write("server.crt", cert); err != nil {
		return err
	}
	return a.writeKey("server.key", key)
}

// user makes a client certificate and a kubeconfig that holds it, and returns the path of the latter.
func (a *authority) user(server, name string, groups []string) (string, error) {
	cert, key, err := a.sign(&x509.Certificate{
		Subject:     pkix.Name{CommonName: name, Organization: groups},
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
	if err != nil {
		return "", err
	}
	private, err := keyPEM(key)
	if err != nil {
		return "", err
	}
	encode := base64.StdEncoding.EncodeToString
	config := fmt.Sprintf(`apiVersion: v1
kind: Config
clusters:
- name: test
  cluster: { server: "%s", certificate-authority-data: %s }
users:
- name: user
  user: { client-certificate-data: %s, client-key-data: %s }
contexts:
- name: test
  context: { cluster: test, user: user }
current-context: test
`, server, encode(a.pem), encode(cert), encode(private))
	path := filepath.Join(a.dir, name+".kubeconfig")
	return path, os.WriteFile(path, []byte(config), 0o600)
}

func (a *authority) write(name string, text []byte) error {
	return os.WriteFile(filepath.Join(a.dir, name), text, 0o600)
}

func (a *authority) writeKey(name string, key crypto.PrivateKey) error {
	text, err := keyPEM(key)
	if err != nil {
		return err
	}
	return a.write(name, text)
}

func keyPEM(key crypto.PrivateKey) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), err
}
