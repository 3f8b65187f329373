package plaudit.gateway.store;

import java.util.List;
import plaudit.input.InvalidInputException;
import plaudit.labels.Choice;
import plaudit.labels.Comparison;

/**
 * A judgment that was made elsewhere, with its question.
 *
 * @param comparison under an id that says what it and the choice hold, so that it is known when it
 *     comes again
 */
public record ImportedJudgment(Comparison comparison, Choice choice) {

  /** The labeler of every imported judgment. */
  public static final Labeler IMPORT = new Labeler("import", "import");

  public ImportedJudgment {
    if (choice instanceof Choice.Best best && best.index() >= comparison.samples().size()) {
      throw InvalidInputException.of(
          "best of " + comparison.id(), best.index(), "0 to " + (comparison.samples().size() - 1));
    }
  }

  /** The answer in the store's words. */
  SubmittedChoice answer(List<String> choiceIds) {
    return choice instanceof Choice.Best best
        ? new SubmittedChoice.Chosen(choiceIds.get(best.index()))
        : new SubmittedChoice.NoneChosen(((Choice.NoPreference) choice).reason());
  }
}
