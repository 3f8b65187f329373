package plaudit.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plaudit.model.ModelConfig;
import plaudit.model.Safetensors;
import plaudit.model.SafetensorsWriter;
import plaudit.model.TensorSpec;

class AdaptersTest {

  private static final ModelConfig TINY = ModelConfig.gpt2(1, 2, 4, 8, 10);
  private static final int RANK = 2;

  @TempDir private Path dir = Path.of("");

  @Test
  void peftsProductOfTheTwoIsWhatIsAddedToAMatrix() throws IOException {
    Adapters adapters = new Adapters(TINY, RANK, 4);
    Path file = dir.resolve("adapter_model.safetensors");
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    SafetensorsWriter.write(bytes, Map.of(), adapters.peft(name -> numbers(adapters, name)));
    Files.write(file, bytes.toByteArray());

    Safetensors written = Safetensors.open(file);
    String module = "base_model.model.transformer.h.0.mlp.c_fc.";
    assertThat(written.shape(module + "lora_A.weight")).containsExactly(RANK, 4);
    assertThat(written.shape(module + "lora_B.weight")).containsExactly(16, RANK);
    assertThat(written.names()).hasSize(8);
    FloatBuffer a = written.readF32(module + "lora_A.weight").asFloatBuffer();
    FloatBuffer b = written.readF32(module + "lora_B.weight").asFloatBuffer();
    FloatBuffer down = numbers(adapters, "lora.h.0.mlp.c_fc.weight.down").asFloatBuffer();
    FloatBuffer up = numbers(adapters, "lora.h.0.mlp.c_fc.weight.up").asFloatBuffer();
    for (int in = 0; in < 4; in++) {
      for (int out = 0; out < 16; out++) {
        float own = 0;
        float peft = 0; // of B A, transposed as fan_in_fan_out says
        for (int r = 0; r < RANK; r++) {
          own += down.get(in * RANK + r) * up.get(r * 16 + out);
          peft += b.get(out * RANK + r) * a.get(r * 4 + in);
        }
        assertThat(peft).isCloseTo(own, within(1e-6f));
      }
    }
  }

  @Test
  void peftIsToldRankScaleModulesAndThatMatricesAreInputFirst() {
    JsonNode config = new Adapters(TINY, RANK, 4).peftConfig("/models/gpt2");

    assertThat(config.path("r").asInt()).isEqualTo(RANK);
    assertThat(config.path("lora_alpha").asDouble()).isEqualTo(4);
    assertThat(config.path("fan_in_fan_out").asBoolean()).isTrue();
    assertThat(config.path("target_modules"))
        .extracting(JsonNode::asText)
        .isEqualTo(List.of("attn.c_attn", "attn.c_proj", "mlp.c_fc", "mlp.c_proj"));
  }

  private static ByteBuffer numbers(Adapters adapters, String name) {
    TensorSpec spec =
        adapters.trained().stream().filter(s -> s.name().equals(name)).findFirst().orElseThrow();
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.toIntExact(4 * spec.size())).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < spec.size(); i++) {
      bytes.putFloat((float) Math.sin(i + name.hashCode() % 7));
    }
    return bytes.flip();
  }
}
