package plaudit.snapshots;

import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;

/** Hashes what comes on its way to a file, so that the file need not be read for that. */
final class HashedBody implements BodySubscriber<Path> {

  private final BodySubscriber<Path> file;
  private final MessageDigest digest;
  private long bytes;

  /**
   * A body that is part of a file.
   *
   * @param digest of the file's bytes before it, which is changed
   * @param before how many these are
   */
  HashedBody(BodySubscriber<Path> file, MessageDigest digest, long before) {
    this.file = file;
    this.digest = digest;
    this.bytes = before;
  }

  /** Bytes of the file that {@link #digest} has seen. */
  synchronized long bytes() {
    return bytes;
  }

  /** The digest of the file up to here. */
  MessageDigest digest() {
    return digest;
  }

  @Override
  public synchronized void onNext(List<ByteBuffer> buffers) {
    for (ByteBuffer buffer : buffers) {
      bytes += buffer.remaining();
      digest.update(buffer.duplicate());
    }
    file.onNext(buffers);
  }

  @Override
  public void onSubscribe(Flow.Subscription subscription) {
    file.onSubscribe(subscription);
  }

  @Override
  public void onError(Throwable failure) {
    file.onError(failure);
  }

  @Override
  public void onComplete() {
    file.onComplete();
  }

  @Override
  public CompletionStage<Path> getBody() {
    return file.getBody();
  }
}
