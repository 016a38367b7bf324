// « Copier »: the text can be selected by hand without it.
for (const button of document.querySelectorAll("[data-copy]")) {
  const source = document.getElementById(button.dataset.copy);
  const said = document.querySelector(`[data-copied="${button.dataset.copy}"]`);
  button.hidden = false;
  button.addEventListener("click", async () => {
    source.select();
    try {
      await navigator.clipboard.writeText(source.value);
      said.textContent = "Copié.";
    } catch {
      said.textContent = "Le texte est sélectionné : copiez-le avec votre clavier.";
    }
  });
}
