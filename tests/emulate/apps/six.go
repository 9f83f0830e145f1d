// The same small server in Go with the standard library alone, a static binary.
package main

import (
	"bufio"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"io"
	"net/http"
	"strconv"
	"strings"
)

const guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

func talk(w http.ResponseWriter, r *http.Request) {
	accept := sha1.Sum([]byte(r.Header.Get("Sec-WebSocket-Key") + guid))
	conn, buffered, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	defer conn.Close()
	buffered.WriteString("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Accept: " + base64.StdEncoding.EncodeToString(accept[:]) + "\r\n\r\n")
	buffered.Flush()
	reader := bufio.NewReader(buffered)
	for {
		head := make([]byte, 6)
		if _, err := io.ReadFull(reader, head); err != nil {
			return
		}
		body := make([]byte, head[1]&127)
		io.ReadFull(reader, body)
		for i := range body {
			body[i] ^= head[2+i%4]
		}
		if head[0]&15 == 8 {
			conn.Write(append([]byte{0x88, byte(len(body))}, body...))
			return
		}
		if text := string(body); strings.HasPrefix(text, "close:") {
			code, _ := strconv.Atoi(text[6:])
			frame := []byte{0x88, 2, 0, 0}
			binary.BigEndian.PutUint16(frame[2:], uint16(code))
			conn.Write(frame)
			continue
		}
		conn.Write(append([]byte{0x81, byte(len(body))}, body...))
	}
}

func main() {
	http.HandleFunc("/ws", talk)
	http.ListenAndServe(":9000", nil)
}
