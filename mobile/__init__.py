"""The app: the SDK and a node on a phone or a desktop, in plain Kivy.

    main ─► app ─► screens ─► widgets ─► viewmodel, theme
         └► bridge ─► the SDK and the node, on threads of their own

What is on the screens is a frozen `State`; what a person does there is a call of `Wishes`. Screens
know these two and nothing of the SDK; the bridge knows them and nothing of Kivy.
"""
