package io.evenkeel.api;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.evenkeel.api.ControlMessage.Malformed;
import io.evenkeel.api.ControlMessage.Reply;
import io.evenkeel.api.ControlMessage.Request;
import java.nio.ByteBuffer;

/** Whatever comes over the control socket is a request or a sentence, and what was understood is what was sent. */
class ControlMessageFuzzTest {

    @FuzzTest
    void anyBytesAreARequestThatEncodesToThemOrASentence(byte[] line) {
        switch (ControlMessage.decodeRequest(ByteBuffer.wrap(line))) {
            case Request request -> {
                byte[] again = ControlMessage.encode(request);
                ControlMessage twice = ControlMessage.decodeRequest(ByteBuffer.wrap(again, 0, again.length - 1));
                if (!twice.equals(request)) throw new AssertionError(request + " became " + twice);
            }
            case Malformed(String reason) -> {
                if (reason.isBlank() || reason.indexOf('\n') >= 0) throw new AssertionError("no sentence: " + reason);
            }
            case Reply reply -> throw new AssertionError("a request is never " + reply);
        }
        ControlMessage.decodeReplyHeader(ByteBuffer.wrap(line)).ifPresent(header -> {
            if (header.length() < 0 || header.length() > ControlMessage.MAX_BODY) {
                throw new AssertionError("length " + header.length());
            }
        });
    }
}
