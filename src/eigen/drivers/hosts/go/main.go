// A driver of Eigen OS in Go: a simulator of state vectors behind the contract `eigen.driver.v1`.
//
// It listens on the socket that it is given, and ends when its standard input does: who started it holds the other end,
// so that it never outlives its owner.
package main

import (
	"flag"
	"io"
	"log"
	"net"
	"os"
	"syscall"
	"time"

	"eigenos/godriver/server"
)

// drainTime is what work at hand gets at the end.
const drainTime = 5 * time.Second

func main() {
	log.SetFlags(0)
	socket := flag.String("socket", "", "where to listen; nothing may be there")
	flag.Parse()
	if *socket == "" || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	syscall.Umask(0o077)
	listener, err := net.Listen("unix", *socket)
	if err != nil {
		log.Fatalf("error: %v", err)
	}
	serving := server.New()
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		time.AfterFunc(drainTime, serving.Stop)
		serving.GracefulStop()
	}()
	if err := serving.Serve(listener); err != nil {
		log.Fatalf("error: %v", err)
	}
}
