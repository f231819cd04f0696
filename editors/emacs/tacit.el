;;; tacit.el --- Tacit rules in Emacs 29, through Eglot  -*- lexical-binding: t; -*-
;; Not tried.

(define-derived-mode tacit-mode prog-mode "Tacit"
  "Rules for Kubernetes secrets."
  (setq-local comment-start "// " comment-end "" tab-width 2 indent-tabs-mode nil))

(add-to-list 'auto-mode-alist '("\\.tacit\\'" . tacit-mode))

(with-eval-after-load 'eglot
  (add-to-list 'eglot-server-programs '((tacit-mode yaml-mode yaml-ts-mode) . ("tacit" "lsp"))))

(add-hook 'tacit-mode-hook #'eglot-ensure)

(provide 'tacit)
;;; tacit.el ends here
