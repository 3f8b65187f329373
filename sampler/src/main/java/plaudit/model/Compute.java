package plaudit.model;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import plaudit.input.InvalidInputException;

/**
 * Where tensors live and how many threads one operation may use.
 *
 * @param device {@code cpu}, {@code gpu} or {@code gpu:N}
 * @param threads intra-operation threads of one computing thread; each actor that computes has its
 *     own
 */
public record Compute(String device, int threads) {

  public Compute {
    if (!device.matches("cpu|gpu(:\\d+)?")) {
      throw InvalidInputException.of("device", device, "cpu, gpu or gpu:N");
    }
    if (threads < 1) {
      throw InvalidInputException.of("threads", threads, ">= 1");
    }
  }

  /** The CPU with {@code threads} threads an operation. */
  public static Compute cpu(int threads) {
    return new Compute("cpu", threads);
  }

  /** A manager of the device that the caller owns and closes. */
  NDManager newManager() {
    Djl.quiet();
    Device wanted = Device.fromName(device.equals("gpu") ? "gpu0" : device.replace(":", ""));
    if (wanted.isGpu() && Engine.getInstance().getGpuCount() <= wanted.getDeviceId()) {
      throw InvalidInputException.of(
          "device", device, "at most " + Engine.getInstance().getGpuCount() + " GPUs are here");
    }
    return NDManager.newBaseManager(wanted, "PyTorch");
  }
}
