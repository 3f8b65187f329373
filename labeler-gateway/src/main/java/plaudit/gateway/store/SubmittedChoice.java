package plaudit.gateway.store;

import org.jspecify.annotations.Nullable;
import plaudit.labels.Choice;

/** An answer in the words of the wire: a choice by its opaque name, or a verdict without one. */
public sealed interface SubmittedChoice {

  /** This response is the best. */
  record Chosen(String choiceId) implements SubmittedChoice {}

  /** No response stands out. */
  record NoneChosen(Choice.Reason verdict) implements SubmittedChoice {}

  /** The name of the chosen response, if there is one. */
  default @Nullable String choiceId() {
    return null;
  }

  /** The verdict, if no response was chosen. */
  default Choice.@Nullable Reason verdict() {
    return null;
  }
}
