package main

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"errors"
	"net"
	"net/http"
	"os"
	"time"

	"google.golang.org/grpc"
	kms "k8s.io/kms/apis/v2"
)

// keeper is a KMS plugin of version 2: it wraps keys with AES-GCM under one key of its own.
type keeper struct {
	kms.UnimplementedKeyManagementServiceServer
	aead cipher.AEAD
}

const keyID = "tests-1"

func (k keeper) Status(context.Context, *kms.StatusRequest) (*kms.StatusResponse, error) {
	return &kms.StatusResponse{Version: "v2", Healthz: "ok", KeyId: keyID}, nil
}

func (k keeper) Encrypt(_ context.Context, request *kms.EncryptRequest) (*kms.EncryptResponse, error) {
	nonce := make([]byte, k.aead.NonceSize())
	if _, err := rand.Read(nonce); err != nil {
		return nil, err
	}
	return &kms.EncryptResponse{Ciphertext: k.aead.Seal(nonce, nonce, request.Plaintext, nil), KeyId: keyID}, nil
}

func (k keeper) Decrypt(_ context.Context, request *kms.DecryptRequest) (*kms.DecryptResponse, error) {
	size := k.aead.NonceSize()
	if len(request.Ciphertext) < size {
		return nil, errors.New("the ciphertext is too short")
	}
	plain, err := k.aead.Open(nil, request.Ciphertext[:size], request.Ciphertext[size:], nil)
	return &kms.DecryptResponse{Plaintext: plain}, err
}

// startKMS serves the plugin on its socket, once.
func (c *cluster) startKMS() error {
	if c.stopKMS != nil {
		return nil
	}
	text, err := c.key("kms")
	if err != nil {
		return err
	}
	key, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return err
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return err
	}
	_ = os.Remove(c.path("kms.sock"))
	listener, err := net.Listen("unix", c.path("kms.sock"))
	if err != nil {
		return err
	}
	server := grpc.NewServer()
	kms.RegisterKeyManagementServiceServer(server, keeper{aead: aead})
	go func() { _ = server.Serve(listener) }()
	c.stopKMS = server.Stop
	return nil
}

// client is an HTTP client with a certificate of its own.
func (a *authority) client(name string, groups ...string) (*http.Client, error) {
	cert, key, err := a.sign(&x509.Certificate{
		Subject:     pkix.Name{CommonName: name, Organization: groups},
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
	if err != nil {
		return nil, err
	}
	private, err := keyPEM(key)
	if err != nil {
		return nil, err
	}
	pair, err := tls.X509KeyPair(cert, private)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	roots.AddCert(a.cert)
	config := &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{pair}}
	transport := &http.Transport{TLSClientConfig: config, DisableKeepAlives: true}
	return &http.Client{Timeout: 10 * time.Second, Transport: transport}, nil
}
