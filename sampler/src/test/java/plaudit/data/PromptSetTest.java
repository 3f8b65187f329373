package plaudit.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plaudit.input.InvalidInputException;
import plaudit.model.ModelConfig;
import plaudit.model.SharedData;

class PromptSetTest {

  private Path dir;

  @BeforeEach
  void nameTheDirectory(@TempDir Path temporary) {
    dir = temporary;
  }

  @Test
  void promptsWinOverOpeningsAndThoseOverAnythingElse() throws IOException {
    write("train.txt", "train");
    write("more.jsonl", "\"more\"");
    assertThat(training()).containsExactly("train");
    write("queries.txt", "query");
    assertThat(training()).containsExactly("query");
    write("openings.txt", "opening");
    assertThat(training()).containsExactly("opening");
    write("prompts-2.txt", "two");
    write("Prompts-1.jsonl", "\"one\"");
    assertThat(training()).containsExactly("one", "two");
  }

  @Test
  void filesNamedHeldOutAreKeptApart() throws IOException {
    write("prompts.txt", "a");
    write("prompts-test.txt", "b");
    write("heldout.jsonl", "\"c\"");
    write("valid.txt", "d");

    assertThat(texts(PromptSet.read(dir).training())).containsExactly("a");
    assertThat(texts(PromptSet.read(dir).heldOut())).containsExactly("c", "b", "d");
  }

  @Test
  void aDataSetOfTheHubKeepsItsPartsInFoldersOrInNames() throws IOException {
    Files.createDirectories(dir.resolve("data"));
    write("README.md", "about");
    write("dataset_infos.json", "{\"prompt\": \"no\"}");
    write("data/train-00000-of-00001.csv", "prompt\na\n");
    write("data/test-00000-of-00001.csv", "prompt\nb\n");

    assertThat(training()).containsExactly("a");
    assertThat(texts(PromptSet.read(dir).heldOut())).containsExactly("b");

    Files.createDirectories(dir.resolve("saved/train"));
    write("saved/train/data-00000-of-00001.arrow", "");
    assertThatThrownBy(() -> PromptSet.read(dir.resolve("saved")))
        .hasMessageContaining("to_parquet(FILE) writes it");
  }

  @Test
  void aFolderOfAModelWithItsCasesYieldsTheCases() throws IOException {
    ModelConfig.gpt2(1, 1, 4, 8, 7).write(dir.resolve("config.json"));
    write("tokenizer.json", "{\"prompt\": \"no\"}");
    write("tokens.txt", "no");
    write("NOTICE.txt", "no");
    write("README.source.txt", "no");
    write("golden.json", "{\"cases\": [{\"prompt\": \"yes\"}]}");

    assertThat(training()).containsExactly("yes");
    assertThat(PromptSet.read(dir).heldOut()).isEmpty();
  }

  @Test
  void filesWithoutPromptsArePassedOver() throws IOException {
    write("labels.jsonl", "{\"best\": 1}");
    write("notes.txt", "a line");

    assertThat(training()).containsExactly("a line");
  }

  @Test
  void aNamedFileThatCannotBeReadIsNotPassedOver() throws IOException {
    write("prompts.jsonl", "{\"best\": 1}");
    write("notes.txt", "a line");

    assertThatThrownBy(this::training)
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith(dir.resolve("prompts.jsonl") + ": line 1: no prompt");
  }

  @Test
  void anEmptyFolderIsRefused() {
    assertThatThrownBy(this::training)
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith("prompts of " + dir + ": none (expected: a file prompts.jsonl");
  }

  @Test
  void publicDataIsReadAsItComes() {
    assertThat(texts(PromptSet.read(SharedData.require("craftgpt")).training()))
        .contains("i feel tired.");
    PromptSet abstracts = PromptSet.read(SharedData.require("summ-scitldr"));
    assertThat(abstracts.training()).hasSizeGreaterThan(1900);
    assertThat(abstracts.heldOut()).hasSizeGreaterThan(1200);
    assertThat(abstracts.training()).allSatisfy(a -> assertThat(a.reference()).isPresent());
    assertThat(PromptSet.read(SharedData.require("pref-qa-feedback-4way")).training()).hasSize(407);
  }

  private List<String> training() {
    return texts(PromptSet.read(dir).training());
  }

  private static List<String> texts(List<Example> examples) {
    return examples.stream().map(Example::text).toList();
  }

  private void write(String name, String content) throws IOException {
    Files.writeString(dir.resolve(name), content);
  }
}
